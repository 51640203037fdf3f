// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Figures.Side;
import dev.otaverify.bench.Figures.Target;
import dev.otaverify.bench.Http.Call;
import dev.otaverify.localstack.Part;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What a great number of finished jobs costs calls: a stack with them and one without, one after the other. And whether a second instance of
 * job-service costs anything: with one, then with two that share the partitions.
 */
final class GrowthComparison implements Comparison {
  private static final int LANES = 64;
  private static final int WARM_UP = 300;
  private static final int CREATES = 2_000;
  private static final int QUERIES = 20_000;
  private static final int WARM_UP_CREATES = 1_000;
  private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(75);
  private static final int FIRMWARE_TO_QUERY = 10_000;
  private static final String INSTANCES = "create/s at 64, 2 job-services (other: 1)";

  private final int jobs;

  /** @param jobs that are finished, with ten tasks each */
  GrowthComparison(int jobs) {
    this.jobs = jobs;
  }

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public String other() {
    return "a stack that begins from nothing";
  }

  /**
   * One of the two stacks.
   *
   * @param finished firmware that has a finished job
   */
  private record One(Side side, Stack stack, Firmwares firmwares, Function<Call, Mono<String>> api,
      List<String> finished) {
    double create(int counted) throws Exception {
      firmwares.prepare(WARM_UP + counted);
      stack.settle();
      var next = firmwares.nextJob();
      double rate = checked(Load.closed(LANES, WARM_UP, counted, () -> api.apply(next.get())));
      stack.settle();
      return rate;
    }

    double query() throws InterruptedException {
      return checked(Load.closed(LANES, QUERIES / 5, QUERIES, () -> api.apply(new Call("QueryOTAFirmware",
          Map.of("FirmwareId", finished.get(ThreadLocalRandom.current().nextInt(finished.size())))))));
    }

    private static double checked(Measured measured) {
      if (measured.failed() > 0) {
        throw new IllegalStateException("calls: " + measured.failed() + " failed (expected: none)");
      }
      return measured.perSecond();
    }
  }

  @Override
  public Figures run(Path dir, int rounds, PrintStream out) throws Exception {
    var figures = new Figures();
    try (var fresh = Stack.start(dir.resolve("fresh")); var http = new Http()) {
      var without = prepared(Side.OTHER, fresh, http, out);
      try (var grown = Stack.start(dir.resolve("grown"))) {
        finished(prepared(Side.STACK, grown, http, out), without, figures, rounds, out);
      }
      instances(without, figures, rounds, out);
      if (http.firstRefusal() != null) {
        out.println("first refusal: " + http.firstRefusal());
      }
    }
    figures.expect("create/s at 64", Target.ratioAtLeast(0.9));
    figures.expect("query/s at 64", Target.ratioAtLeast(0.9));
    figures.expect(INSTANCES, Target.ratioAtLeast(1));
    return figures;
  }

  private void finished(One with, One without, Figures figures, int rounds, PrintStream out) throws Exception {
    for (var one : List.of(with, without)) {
      WarmUp.with(one.side().toString(), one.stack().jvms(), LONGEST_WARM_UP, out, () -> {
        one.create(WARM_UP_CREATES);
        one.query();
      });
    }
    for (int round = 1; round <= rounds; round++) {
      for (var one : inTurn(round, with, without)) {
        double create = one.create(CREATES);
        double query = one.query();
        figures.add("create/s at 64", one.side(), create);
        figures.add("query/s at 64", one.side(), query);
        out.printf("round %d, %,9d finished jobs: create %,6.0f/s, query %,6.0f/s%n", round,
            one.side() == Side.STACK ? jobs : 0, create, query);
      }
    }
  }

  /** A B B A: what gets faster from one to the next, or slower, is on both sides then. */
  private static <T> List<T> inTurn(int round, T one, T other) {
    return round % 2 == 1 ? List.of(one, other) : List.of(other, one);
  }

  /** A second one is started for each two rounds: it takes as long to warm up as a round takes. */
  private static void instances(One one, Figures figures, int rounds, PrintStream out) throws Exception {
    @Nullable
    AnotherInstance another = null;
    try {
      for (int round = 1; round <= rounds; round++) {
        for (int instances : inTurn(round, 1, 2)) {
          if (instances == 2 && another == null) {
            another = AnotherInstance.start(one.stack(), Part.JOB_SERVICE);
            var all = Stream.concat(one.stack().jvms().stream(), another.jvms().stream()).toList();
            WarmUp.with("two job-services", all, LONGEST_WARM_UP, out, () -> one.create(WARM_UP_CREATES));
          } else if (instances == 1 && another != null) {
            another.stop();
            another = null;
          }
          double create = one.create(CREATES);
          figures.add(INSTANCES, instances == 1 ? Side.OTHER : Side.STACK, create);
          out.printf("round %d, job-services: %d: create %,6.0f/s%n", round, instances, create);
        }
      }
    } finally {
      if (another != null) {
        another.stop();
      }
    }
  }

  private One prepared(Side side, Stack stack, Http http, PrintStream out) throws Exception {
    var firmwares = new Firmwares(stack, http);
    var api = http.api(stack.settings());
    var finished = FinishedJobs.make(stack, firmwares, api);
    if (side == Side.STACK) {
      finished.load(jobs, out);
    }
    return new One(side, stack, firmwares, api,
        side == Side.STACK ? finished.loaded(FIRMWARE_TO_QUERY) : finished.made());
  }
}
