// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Figures.Side;
import dev.otaverify.bench.Figures.Target;
import dev.otaverify.localstack.Part;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** CreateOTAVerifyJob with ten devices, answered when it is decided, beside a bare pipeline and a plain insert. */
final class CreateComparison implements Comparison {
  private static final String INSERT = " (other: a plain insert)";

  /** Calls of a phase, the warm-up among them. */
  private record Phase(int lanes, int warmUp, int counted) {
    int all() {
      return warmUp + counted;
    }
  }

  /** What is compiled late shows most where one call waits for it, so that comes last. */
  private static final List<Phase> PHASES = List.of(new Phase(64, 2_000, 8_000), new Phase(256, 3_000, 12_000),
      new Phase(8, 500, 2_500), new Phase(1, 200, 600));
  private static final int WARM_UP_CALLS = 2_000;
  private static final int WARM_UP_LANES = 32;
  private static final Duration WARM_UP = Duration.ofMinutes(3);
  private static final Duration OPEN_WARM_UP = Duration.ofSeconds(2);
  private static final Duration OPEN = Duration.ofSeconds(8);

  private final int atATime;

  /** @param atATime the one number of calls at a time to measure; 0: each of them */
  CreateComparison(int atATime) {
    this.atATime = atATime;
  }

  @Override
  public String name() {
    return "create";
  }

  @Override
  public String other() {
    return "a bare pipeline: HTTP, one Kafka record, ten rows in one statement with fsync, one reply record";
  }

  @Override
  public Figures run(Path dir, int rounds, PrintStream out) throws Exception {
    var lanes = Lanes.chosen(atATime, PHASES.stream().map(Phase::lanes).toList());
    var phases = PHASES.stream().filter(phase -> lanes.contains(phase.lanes())).toList();
    var figures = new Figures();
    try (var stack = Stack.start(dir);
        var http = new Http()) {
      try (var bare = BareProcess.beside(stack, Part.JOB_SERVICE, Part.JOB_SERVICE)) {
        var firmwares = new Firmwares(stack, http);
        var api = http.api(stack.settings());
        var form = bodyOfTheSameSize();
        Supplier<Mono<String>> create = () -> api.apply(firmwares.nextJob().get());
        Supplier<Mono<String>> pipeline = () -> http.post(bare.url("/pipeline"), () -> form);
        Supplier<Mono<String>> insert = () -> http.post(bare.url("/insert"), () -> form);
        WarmUp.with("create", stack.jvms(), WARM_UP, out, () -> {
          firmwares.prepare(WARM_UP_CALLS);
          warmUp(create, http);
          stack.settle();
        });
        for (var call : List.of(pipeline, insert)) {
          WarmUp.with("bare", bare.jvms(), WARM_UP, out, () -> warmUp(call, http));
        }
        for (int round = 1; round <= rounds; round++) {
          for (var phase : phases) {
            firmwares.prepare(phase.all());
            stack.settle();
            long begun = System.nanoTime();
            var ours = closed(phase, create, out, "create");
            stack.settle();
            double all = phase.all() / ((System.nanoTime() - begun) / 1e9);
            var theirs = closed(phase, pipeline, out, "pipeline");
            var plain = closed(phase, insert, out, "insert");
            var at = " at " + phase.lanes();
            figures.add("calls/s" + at, Side.STACK, ours.perSecond());
            figures.add("calls/s" + at, Side.OTHER, theirs.perSecond());
            figures.add("calls/s" + at + INSERT, Side.STACK, ours.perSecond());
            figures.add("calls/s" + at + INSERT, Side.OTHER, plain.perSecond());
            figures.add("jobs/s through all services" + at, Side.STACK, all);
            if (phase.lanes() == 1) {
              figures.addLatency("one at a time", Side.STACK, ours);
              figures.addLatency("one at a time", Side.OTHER, theirs);
            }
            out.printf("round %d, %3d at a time: %,7.0f/s, bare %,7.0f/s, insert %,7.0f/s; all services %,7.0f/s%n",
                round,
                phase.lanes(), ours.perSecond(), theirs.perSecond(), plain.perSecond(), all);
          }
          if (phases.size() < PHASES.size()) {
            continue;
          }
          // At half of what the slower of the two did with 64.
          double rate = Math.max(1, figures.lowest("calls/s at 64") / 2);
          firmwares.prepare((int) (rate * OPEN_WARM_UP.plus(OPEN).toSeconds()) + 1);
          stack.settle();
          figures.addLatency("at half the rate", Side.STACK, Load.open(rate, OPEN_WARM_UP, OPEN, create));
          stack.settle();
          figures.addLatency("at half the rate", Side.OTHER, Load.open(rate, OPEN_WARM_UP, OPEN, pipeline));
        }
      }
      if (http.firstRefusal() != null) {
        out.println("first refusal: " + http.firstRefusal());
      }
    }
    for (var phase : phases) {
      if (phase.lanes() >= 64) {
        figures.expect("calls/s at " + phase.lanes(), Target.ratioAtLeast(0.5));
      } else if (phase.lanes() == 1) {
        figures.expect("one at a time p50, ms", Target.ratioAtMost(2));
      }
    }
    return figures;
  }

  private static void warmUp(Supplier<Mono<String>> call, Http http) throws InterruptedException {
    var measured = Load.closed(WARM_UP_LANES, 0, WARM_UP_CALLS, call);
    if (measured.failed() > WARM_UP_CALLS / 10) {
      throw new IllegalStateException("warm-up: %d of %d failed, the first: %s".formatted(measured.failed(),
          WARM_UP_CALLS, http.firstRefusal()));
    }
  }

  private static Measured closed(Phase phase, Supplier<Mono<String>> call, PrintStream out, String what)
      throws InterruptedException {
    var measured = Load.closed(phase.lanes(), phase.warmUp(), phase.counted(), call);
    if (measured.failed() > 0) {
      out.printf("%s: %d of %d failed%n", what, measured.failed(), phase.all());
    }
    return measured;
  }

  /** As long as a signed call with ten devices. */
  private static String bodyOfTheSameSize() {
    var names = new ArrayList<String>();
    for (int i = 1; i <= 10; i++) {
      names.add("TargetDeviceName." + i + "=bench-00000000");
    }
    return String.join("&", names) + "&" + "x".repeat(400);
  }
}
