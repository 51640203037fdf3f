// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults;

import dev.otaverify.aggregator.Rebuild;
import dev.otaverify.contracts.Topics;
import dev.otaverify.faults.check.Checker;
import dev.otaverify.faults.check.Log;
import dev.otaverify.faults.check.Report;
import dev.otaverify.faults.check.Report.Promise;
import dev.otaverify.faults.fault.FaultKind;
import dev.otaverify.faults.fault.Faults;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.history.History.Outcome;
import dev.otaverify.faults.load.Load;
import dev.otaverify.faults.stack.Cluster;
import dev.otaverify.faults.stack.Node;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.KafkaException;

/** One run: a stack under load, broken at random, left alone until it has settled, and counted. */
final class Run {
  private static final Duration SETTLES = Duration.ofMinutes(2);
  private static final Duration STARTS = Duration.ofMinutes(1);
  private static final Duration TOLD_EVERY = Duration.ofSeconds(15);

  private final Plan plan;
  private final Path dir;
  private final PrintStream out;
  private final History history = new History();
  private final List<String> notRecovered = new ArrayList<>();

  /**
   * What to do.
   *
   * @param pause between two faults, on the average
   */
  record Plan(Cluster.Shape shape, Load.Amount amount, Set<FaultKind> kinds, Duration duration, Duration pause,
      long seed) {}

  Run(Plan plan, Path dir, PrintStream out) {
    this.plan = plan;
    this.dir = dir;
    this.out = out;
  }

  /** Runs, and says what was found. */
  Report run() throws InterruptedException {
    tell("starting %d Kafka, PostgreSQL, an MQTT broker and %d of each service; logs in %s".formatted(
        plan.shape().brokers(), plan.shape().instances(), dir));
    long begun = System.nanoTime();
    try (var cluster = Cluster.start(plan.shape(), dir); var load = new Load(cluster, history, plan.amount())) {
      tell("all serve after %d s".formatted(seconds(begun)));
      load.start();
      var faults = new Faults(cluster, load, history, plan.kinds(), plan.seed(), this::tell);
      var telling = Thread.ofVirtual().start(() -> tellAgainAndAgain(load));
      faults.run(plan.duration(), plan.pause());
      tell("no more faults; what has begun is to end");
      for (var node : cluster.nodes().values()) {
        recovered(() -> node.awaitReady(STARTS));
      }
      boolean ended = load.finish(SETTLES);
      telling.interrupt();
      tell(load.progress() + (ended ? "" : "; not all has ended"));
      return judged(cluster, load, faults);
    }
  }

  private Report judged(Cluster cluster, Load load, Faults faults) throws InterruptedException {
    history.settle();
    writeDown();
    askOnceMore(load);
    var before = Log.read(cluster.bootstrapServers(), Topics.all().keySet());
    tell("starting one of each service anew, alone");
    var services = cluster.nodes().values().stream()
        .filter(node -> Cluster.STATEFUL.stream().anyMatch(node.name()::startsWith)).toList();
    services.forEach(Node::kill);
    var first = services.stream().filter(service -> service.name().endsWith("-1")).toList();
    first.forEach(Node::start);
    for (var service : first) {
      recovered(() -> service.awaitReady(STARTS));
    }
    for (var service : Cluster.STATEFUL) {
      recovered(() -> cluster.awaitAllPartitions(service, STARTS));
    }
    askOnceMore(load);
    var after = Log.read(cluster.bootstrapServers(), Topics.all().keySet());
    var report = Checker.check(history, before);
    rebuilt(cluster, report, after);
    Checker.pending(report, before, after);
    notRecovered.forEach(what -> report.broken(Promise.LOST, what));
    int all = faults.done().values().stream().mapToInt(Integer::intValue).sum();
    out.println();
    faults.done().entrySet().stream().sorted(Map.Entry.comparingByKey())
        .forEach(kind -> out.printf("%5d %-18s %s%n", kind.getValue(), kind.getKey(), kind.getKey().text()));
    out.printf("%5d faults in %s, seed %d%n%n%s%n", all,
        plan.duration().toString().substring(2).toLowerCase(Locale.ROOT),
        plan.seed(), report.text());
    return report;
  }

  private void rebuilt(Cluster cluster, Report report, Log before) {
    tell("building status-aggregator's tables anew");
    try {
      var result = cluster.rebuild();
      result.print(out);
      for (var table : Objects.requireNonNullElse(result.tables(), List.<Rebuild.Table>of())) {
        report.check(Promise.REBUILT, table.isEqual(), "table " + table.name() + ": " + table);
      }
    } catch (IllegalStateException | KafkaException e) {
      report.broken(Promise.REBUILT, String.valueOf(e.getMessage()));
    }
    var after = Log.read(cluster.bootstrapServers(), Topics.all().keySet());
    report.check(Promise.REBUILT, count(before) == count(after),
        "meanwhile " + (count(after) - count(before)) + " records were published");
  }

  private static long count(Log log) {
    return log.entries().values().stream().mapToLong(List::size).sum();
  }

  /** Something that takes its time, and does not come. */
  @FunctionalInterface
  private interface Recovery {
    void await() throws InterruptedException;
  }

  private void recovered(Recovery recovery) throws InterruptedException {
    try {
      recovery.await();
    } catch (IllegalStateException e) {
      tell(String.valueOf(e.getMessage()));
      notRecovered.add(String.valueOf(e.getMessage()));
    }
  }

  /** What was seen, for who wants to look into a finding. */
  private void writeDown() {
    try (var file = new PrintStream(Files.newOutputStream(dir.resolve("history.txt")), false, StandardCharsets.UTF_8)) {
      history.calls().forEach(file::println);
      history.said().forEach(file::println);
      history.heard().forEach(file::println);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every firmware and every job, when nothing moves any more. */
  private void askOnceMore(Load load) throws InterruptedException {
    for (var call : history.calls()) {
      if (call.outcome() == Outcome.DONE && call.action().equals("CreateOTAFirmware")) {
        load.client().read("QueryOTAFirmware",
            Map.of("FirmwareId", call.body().path("Data").path("FirmwareId").asString()));
      } else if (call.outcome() == Outcome.DONE && call.action().equals("CreateOTAVerifyJob")) {
        var job = Map.of("JobId", call.body().path("Data").path("JobId").asString());
        for (var action : List.of("QueryOTAJob", "ListOTATaskByJob")) {
          load.client().read(action, job);
        }
      }
    }
  }

  private void tellAgainAndAgain(Load load) {
    try {
      while (true) {
        Thread.sleep(TOLD_EVERY);
        tell("  " + load.progress());
      }
    } catch (InterruptedException e) {
      // The end of the load.
    }
  }

  private void tell(String what) {
    synchronized (out) {
      out.println(LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + what);
    }
  }

  private static long seconds(long since) {
    return (System.nanoTime() - since) / 1_000_000_000;
  }
}
