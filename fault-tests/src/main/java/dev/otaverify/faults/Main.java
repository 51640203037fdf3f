// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults;

import dev.otaverify.faults.agent.Defect;
import dev.otaverify.faults.check.Report;
import dev.otaverify.faults.fault.FaultKind;
import dev.otaverify.faults.load.Load;
import dev.otaverify.faults.stack.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** {@code ./ota faults}: breaks a stack of its own, and says whether it kept its promises. */
public final class Main {
  private static final Set<String> KNOWN = Set.of("duration", "seed", "brokers", "instances", "pause", "lines",
      "devices", "timeout", "only", "hesitate", "defect", "fail-over");

  private static final String PREFIX = "ota-faults.";

  private Main() {}

  /** The exit status is 0 if all promises were kept, 1 if not, 2 if the command was not understood. */
  public static void main(String[] args) {
    int status;
    try {
      status = faults(options(args)) ? 0 : 1;
    } catch (IllegalArgumentException e) {
      System.err.println("ota: " + e.getMessage());
      status = 2;
    } catch (Exception e) {
      e.printStackTrace();
      status = 1;
    }
    System.exit(status);
  }

  private static boolean faults(Map<String, String> options) throws IOException, InterruptedException {
    long seed = number(options, "seed", System.nanoTime() & 0xffff);
    if ("all".equals(options.get("defect"))) {
      return allDefects(seed);
    }
    var plan = plan(options, seed);
    if (options.containsKey("fail-over")) {
      var dir = Files.createTempDirectory(PREFIX);
      new FailOver(plan.shape(), (int) number(options, "fail-over", 3), dir, System.out).run();
      delete(dir);
      return true;
    }
    return run(plan).isClean();
  }

  private static Report run(Run.Plan plan) throws IOException, InterruptedException {
    var dir = Files.createTempDirectory(PREFIX);
    var report = new Run(plan, dir, System.out).run();
    if (report.isClean()) {
      delete(dir);
    } else {
      System.out.println("logs, and history.txt with all that was seen, are in " + dir);
    }
    return report;
  }

  /** One after the other; whether each was found. */
  private static boolean allDefects(long seed) throws IOException, InterruptedException {
    var found = new LinkedHashMap<Defect, Report>();
    for (var defect : Defect.values()) {
      System.out.println(System.lineSeparator() + "== " + defect.id());
      found.put(defect, run(Plans.of(defect, seed)));
    }
    System.out.println();
    found.forEach((defect, report) -> System.out.printf("%-28s %s%n", defect.id(),
        report.isClean() ? "NOT FOUND" : "found: " + report.brokenPromises()));
    return found.values().stream().noneMatch(Report::isClean);
  }

  /** What is usual, or finds the defect, with what is asked for otherwise. */
  private static Run.Plan plan(Map<String, String> options, long seed) {
    var usual = defect(options).map(defect -> Plans.of(defect, seed)).orElseGet(() -> Plans.usual(seed));
    var shape = usual.shape();
    var amount = usual.amount();
    return new Run.Plan(
        new Cluster.Shape((int) number(options, "brokers", shape.brokers()),
            (int) number(options, "instances", shape.instances()), shape.timeoutUnit(),
            (int) number(options, "hesitate", shape.hesitation()), shape.defect()),
        new Load.Amount((int) number(options, "lines", amount.lines()),
            (int) number(options, "devices", amount.devices()), amount.queriers(),
            (int) number(options, "timeout", amount.timeout()), seed),
        kinds(options, usual.kinds()), duration(options, "duration", usual.duration()),
        duration(options, "pause", usual.pause()), seed);
  }

  private static void delete(Path dir) throws IOException {
    try (var below = Files.walk(dir)) {
      for (var one : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }

  /** What follows the name of the command. */
  private static Map<String, String> options(String[] args) {
    var options = new HashMap<String, String>();
    for (int i = 1; i < args.length; i += 2) {
      var name = args[i].replaceFirst("^--", "");
      if (!KNOWN.contains(name) || i + 1 == args.length) {
        throw new IllegalArgumentException(
            args[i] + " (expected: --NAME VALUE, NAME one of " + KNOWN.stream().sorted().toList() + ")");
      }
      options.put(name, args[i + 1]);
    }
    return options;
  }

  private static Set<FaultKind> kinds(Map<String, String> options, Set<FaultKind> usual) {
    if (!options.containsKey("only")) {
      return usual;
    }
    try {
      var kinds = EnumSet.noneOf(FaultKind.class);
      Stream.of(options.getOrDefault("only", "").split(",")).filter(name -> !name.isBlank())
          .map(name -> FaultKind.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'))).forEach(kinds::add);
      return kinds;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--only: " + options.get("only") + " (expected: some of "
          + Arrays.toString(FaultKind.values()).toLowerCase(Locale.ROOT) + ", with commas)", e);
    }
  }

  private static Duration duration(Map<String, String> options, String name, Duration usual) {
    var text = options.get(name);
    try {
      return text == null ? usual : Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("--" + name + ": " + text + " (expected: such as 20m or 90s)", e);
    }
  }

  private static long number(Map<String, String> options, String name, long otherwise) {
    var text = options.getOrDefault(name, Long.toString(otherwise));
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--" + name + ": " + text + " (expected: a whole number)", e);
    }
  }

  private static Optional<Defect> defect(Map<String, String> options) {
    try {
      return Optional.ofNullable(options.get("defect")).map(Defect::of);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--defect: " + options.get("defect") + " (expected: one of "
          + Stream.of(Defect.values()).map(Defect::id).toList() + ", or all)", e);
    }
  }
}
