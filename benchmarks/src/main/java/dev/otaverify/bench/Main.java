// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.localstack.Options;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.util.FileSystemUtils;

/** {@code ./ota bench}: each comparison on a stack of its own, which begins from nothing. */
public final class Main {
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private static final Set<String> KNOWN = Set.of("rounds", "downloads", "size", "rate", "at-a-time", "tasks", "due",
      "jobs");
  private static final String PREFIX = "ota-bench.";

  private Main() {}

  /** The exit status is 0 if every aim was met, 1 if not, 2 if the command was not understood. */
  public static void main(String[] args) {
    int status;
    try {
      // The first is the name of the command.
      status = bench(Options.of(List.of(args).subList(1, args.length), Set.of(), KNOWN)) ? 0 : 1;
    } catch (IllegalArgumentException e) {
      System.err.println("ota: " + e.getMessage());
      status = 2;
    } catch (Exception e) {
      e.printStackTrace();
      status = 1;
    }
    System.exit(status);
  }

  private static boolean bench(Options options) throws Exception {
    var downloads = new DownloadsComparison.Plan(options.number("downloads", 200), options.number("size", 50),
        options.number("rate", 1_000_000));
    var all = List.<Comparison>of(new CreateComparison(options.number("at-a-time", 0)),
        new VerifyComparison(options.number("at-a-time", VerifyComparison.JOBS)),
        new QueryComparison(options.number("at-a-time", 0)),
        new TimersComparison(number(options, "tasks", 1_000_000), number(options, "due", 10_000)),
        new GrowthComparison(number(options, "jobs", 1_000_000)), new StartComparison(),
        new DownloadsComparison(downloads));
    var chosen = options.words().isEmpty()
        ? all
        : all.stream().filter(one -> options.words().contains(one.name())).toList();
    if (chosen.size() < options.words().size()) {
      throw new IllegalArgumentException("bench: " + options.words() + " (expected: some of "
          + all.stream().map(Comparison::name).toList() + ", or none for all)");
    }
    int rounds = options.number("rounds", 2);
    if (rounds < 1 || rounds > 10) {
      throw new IllegalArgumentException("--rounds: " + rounds + " (expected: 1 to 10)");
    }
    OUT.println(Report.machine().entrySet().stream().map(one -> one.getKey() + " " + one.getValue())
        .collect(Collectors.joining(", ")));
    var results = Path.of(System.getProperty("ota.results"));
    boolean met = true;
    for (var comparison : chosen) {
      OUT.printf("%n%s beside %s%n", comparison.name(), comparison.other());
      var dir = Files.createTempDirectory(PREFIX);
      try {
        var report = new Report(comparison.name(), comparison.other(), comparison.run(dir, rounds, OUT));
        met &= report.print(OUT);
        report.write(results);
        OUT.println("written to " + results.resolve(comparison.name()) + ".json and .html");
      } finally {
        FileSystemUtils.deleteRecursively(dir);
      }
    }
    return met;
  }

  /** How many of something are made; ten at least, since a job has ten tasks. */
  private static int number(Options options, String name, int otherwise) {
    int number = options.number(name, otherwise);
    if (number < 10 || number > 10_000_000) {
      throw new IllegalArgumentException("--" + name + ": " + number + " (expected: 10 to 10000000)");
    }
    return number;
  }
}
