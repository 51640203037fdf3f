// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.deadletters;

import dev.otaverify.kit.deadletters.DeadLetter.Place;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/** Lists, shows and replays dead letters: {@code ./ota dlt}, and {@code sh /app/dlt} in the container of a service. */
public final class DeadLettersCommand {
  /** What it takes. */
  public static final String USAGE = """
                                     dlt list [--topic TOPIC]      each dead letter on a line: id, when, key, type, reason
                                     dlt show ID                   its headers, reason and value, without secrets
                                     dlt replay ID [--again]       send it again to where it stood; only once, unless --again
                                     dlt replay --all --topic TOPIC [--again]
                                                                   the same for all of a topic that were not yet
                                         --kafka HOST:PORT         of this Kafka
                                     """;
  private static final Set<String> FLAGS = Set.of("all", "again");
  private static final String EXPIRED = "its time limit is over: job-service rejects it, since nobody waits for its answer; the client"
      + " sends a new call";

  private final DeadLetters letters;
  private final PrintStream out;

  private DeadLettersCommand(DeadLetters letters, PrintStream out) {
    this.letters = letters;
    this.out = out;
  }

  private record Words(List<String> words, Set<String> flags, @Nullable String topic, @Nullable String kafka) {
    static Words of(List<String> arguments) {
      var words = new ArrayList<String>();
      var flags = new HashSet<String>();
      @Nullable
      String topic = null;
      @Nullable
      String kafka = null;
      for (int i = 0; i < arguments.size(); i++) {
        var argument = arguments.get(i);
        var name = argument.startsWith("--") ? argument.substring(2) : "";
        if (name.isEmpty()) {
          words.add(argument);
        } else if (FLAGS.contains(name)) {
          flags.add(name);
        } else if (name.equals("topic") && i + 1 < arguments.size()) {
          topic = arguments.get(++i);
        } else if (name.equals("kafka") && i + 1 < arguments.size()) {
          kafka = arguments.get(++i);
        } else {
          throw new IllegalArgumentException(
              argument
                  + ": unknown, or without its value (expected: --topic TOPIC, --kafka HOST:PORT, --all, --again)");
        }
      }
      return new Words(List.copyOf(words), Set.copyOf(flags), topic, kafka);
    }
  }

  /** Runs it; the exit status is 0 if it did what it is for, 1 if not, 2 if it was not understood. */
  public static void main(String... arguments) {
    LoggingSystem.get(DeadLettersCommand.class.getClassLoader()).setLogLevel(LoggingSystem.ROOT_LOGGER_NAME,
        LogLevel.OFF);
    int status = 0;
    try {
      run("", List.of(arguments), new PrintStream(System.out, true, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      status = 2;
    } catch (IllegalStateException e) {
      System.err.println(e.getMessage());
      status = 1;
    }
    System.exit(status);
  }

  /**
   * Carries out one command.
   *
   * @param kafka as {@code HOST:PORT}, unless {@code --kafka} says another
   * @throws IllegalArgumentException if it is not understood, or names what is not there
   * @throws IllegalStateException if it cannot be done
   */
  public static void run(String kafka, List<String> arguments, PrintStream out) {
    var words = Words.of(arguments);
    var bootstrapServers = words.kafka() == null ? kafka : words.kafka();
    if (!bootstrapServers.matches("[^\\s:]+:\\d{1,5}(,[^\\s:]+:\\d{1,5})*")) {
      throw new IllegalArgumentException("--kafka: " + bootstrapServers + " (expected: HOST:PORT)");
    }
    try {
      new DeadLettersCommand(new DeadLetters(bootstrapServers), out).carryOut(words);
    } catch (KafkaException e) {
      throw new IllegalStateException("kafka: " + bootstrapServers + ": " + message(e)
          + " (expected: a broker that answers there, and is reached by the address that it advertises)", e);
    }
  }

  private static String message(Throwable failure) {
    return failure.getCause() instanceof Exception cause ? message(cause) : String.valueOf(failure.getMessage());
  }

  private void carryOut(Words words) {
    switch (words.words().isEmpty() ? "" : words.words().getFirst()) {
      case "list" -> list(words);
      case "show" -> show(letters.one(id(words)));
      case "replay" -> replay(words);
      default ->
        throw new IllegalArgumentException("dlt: " + words.words() + " (expected: list, show or replay)\n" + USAGE);
    }
  }

  private static Place id(Words words) {
    if (words.words().size() != 2) {
      throw new IllegalArgumentException(
          "dlt " + words.words().getFirst() + ": " + words.words().subList(1, words.words().size())
              + " (expected: the id of one, as dlt list shows it)");
    }
    return Place.of(words.words().get(1));
  }

  private void list(Words words) {
    var all = letters.all(words.topic());
    for (var letter : all) {
      out.printf("%-28s  %s  %s  %s  %s%s%n", letter.id(), seconds(letter.when()), Shown.line(letter.key()),
          Shown.line(letter.header("ce_type")), Shown.line(letter.header("dlt_reason")), replayed(letter));
    }
    if (all.isEmpty()) {
      out.println("no dead letters" + (words.topic() == null ? "" : " on " + words.topic()));
    }
  }

  private static String replayed(DeadLetter letter) {
    var replay = letter.replayed();
    return replay == null ? "" : "  (replayed " + seconds(replay.at()) + " to " + replay.to() + ")";
  }

  private void show(DeadLetter letter) {
    var replay = letter.replayed();
    out.println("id         " + letter.id());
    out.println("put aside  " + seconds(letter.when()));
    out.println("stood at   " + letter.header("dlt_topic") + "-" + letter.header("dlt_partition") + "@"
        + letter.header("dlt_offset"));
    out.println("key        " + Shown.line(letter.key()));
    out.println("reason     " + Shown.line(letter.header("dlt_reason")));
    out.println("replayed   " + (replay == null ? "no" : seconds(replay.at()) + " to " + replay.to()));
    if (letter.isExpired(Instant.now())) {
      out.println("expired    " + EXPIRED);
    }
    out.println("headers");
    new TreeMap<>(letter.headers()).forEach((name, value) -> {
      if (!name.startsWith(DeadLetter.PREFIX)) {
        out.println("  " + Shown.line(name) + ": " + Shown.header(name, value));
      }
    });
    var value = letter.record().value();
    out.println("value" + (value == null ? "" : " (" + value.length + " bytes, " + Shown.form(value) + ")"));
    out.println(Shown.value(value));
  }

  private void replay(Words words) {
    boolean again = words.flags().contains("again");
    if (!words.flags().contains("all")) {
      var letter = letters.one(id(words));
      var before = letter.replayed();
      if (before != null && !again) {
        throw new IllegalStateException(
            "id: " + letter.id() + " was replayed " + seconds(before.at()) + " to " + before.to()
                + " (expected: one that was not; --again sends it once more)");
      }
      replay(letter);
      return;
    }
    if (words.topic() == null || words.words().size() != 1) {
      throw new IllegalArgumentException("dlt replay --all: topic " + words.topic() + ", ids "
          + words.words().subList(1, words.words().size()) + " (expected: --topic TOPIC, and no id)");
    }
    var those = letters.all(words.topic()).stream().filter(letter -> again || letter.replayed() == null).toList();
    if (those.isEmpty()) {
      throw new IllegalStateException(
          "topic: " + words.topic() + " has no dead letter to replay (expected: one at least"
              + (again ? ")" : " that was not replayed; --again sends all once more)"));
    }
    those.forEach(this::replay);
  }

  private void replay(DeadLetter letter) {
    out.println(letter.id() + " replayed to " + letters.replay(letter)
        + (letter.isExpired(Instant.now()) ? "; " + EXPIRED : ""));
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }
}
