// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults;

import dev.otaverify.faults.agent.Defect;
import dev.otaverify.faults.check.Report;
import dev.otaverify.faults.fault.FaultKind;
import dev.otaverify.faults.load.Load;
import dev.otaverify.faults.stack.Cluster;
import dev.otaverify.localstack.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

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
      // The first is the name of the command.
      status = faults(Options.of(List.of(args).subList(1, args.length), Set.of(), KNOWN)) ? 0 : 1;
    } catch (IllegalArgumentException e) {
      System.err.println("ota: " + e.getMessage());
      status = 2;
    } catch (Exception e) {
      e.printStackTrace();
      status = 1;
    }
    System.exit(status);
  }

  private static boolean faults(Options options) throws IOException, InterruptedException {
    if (!options.words().isEmpty()) {
      throw new IllegalArgumentException("faults: " + options.words() + " (expected: only options)");
    }
    int seed = options.number("seed", (int) (System.nanoTime() & 0xffff));
    if (options.get("defect", "").equals("all")) {
      return allDefects(seed);
    }
    var plan = plan(options, seed);
    if (options.has("fail-over")) {
      var dir = Files.createTempDirectory(PREFIX);
      new FailOver(plan.shape(), options.number("fail-over", 3), dir, System.out).run();
      FileSystemUtils.deleteRecursively(dir);
      return true;
    }
    return run(plan).isClean();
  }

  private static Report run(Run.Plan plan) throws IOException, InterruptedException {
    var dir = Files.createTempDirectory(PREFIX);
    var report = new Run(plan, dir, System.out).run();
    if (report.isClean()) {
      FileSystemUtils.deleteRecursively(dir);
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
  private static Run.Plan plan(Options options, long seed) {
    var usual = defect(options).map(defect -> Plans.of(defect, seed)).orElseGet(() -> Plans.usual(seed));
    var shape = usual.shape();
    var amount = usual.amount();
    return new Run.Plan(
        new Cluster.Shape(options.number("brokers", shape.brokers()), options.number("instances", shape.instances()),
            shape.timeoutUnit(), options.number("hesitate", shape.hesitation()), shape.defect()),
        new Load.Amount(options.number("lines", amount.lines()), options.number("devices", amount.devices()),
            amount.queriers(), options.number("timeout", amount.timeout()), seed),
        kinds(options, usual.kinds()), duration(options, "duration", usual.duration()),
        duration(options, "pause", usual.pause()), seed);
  }

  private static Duration duration(Options options, String name, Duration usual) {
    return options.has(name) ? options.duration(name, "") : usual;
  }

  private static Set<FaultKind> kinds(Options options, Set<FaultKind> usual) {
    if (!options.has("only")) {
      return usual;
    }
    var names = options.get("only", "");
    try {
      var kinds = EnumSet.noneOf(FaultKind.class);
      Stream.of(names.split(",", -1)).map(name -> FaultKind.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')))
          .forEach(kinds::add);
      return kinds;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--only: " + names + " (expected: some of "
          + Arrays.toString(FaultKind.values()).toLowerCase(Locale.ROOT).replace('_', '-') + ", with commas)", e);
    }
  }

  private static Optional<Defect> defect(Options options) {
    if (!options.has("defect")) {
      return Optional.empty();
    }
    var id = options.get("defect", "");
    try {
      return Optional.of(Defect.of(id));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--defect: " + id + " (expected: one of "
          + Stream.of(Defect.values()).map(Defect::id).toList() + ", or all)", e);
    }
  }
}
