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
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** QueryOTAFirmware, which sees all that was written before it, beside a bare read of the same row. */
final class QueryComparison implements Comparison {
  private static final int FIRMWARE = 1_000;
  private static final List<Integer> LANES = List.of(1, 8, 64, 256);
  private static final int WARM_UP_CALLS = 5_000;
  private static final int WARM_UP_LANES = 32;
  private static final Duration WARM_UP = Duration.ofMinutes(3);
  private static final Duration OPEN_WARM_UP = Duration.ofSeconds(2);
  private static final Duration OPEN = Duration.ofSeconds(10);

  private final int atATime;

  /** @param atATime the one number of calls at a time to measure; 0: each of them */
  QueryComparison(int atATime) {
    this.atATime = atATime;
  }

  @Override
  public String name() {
    return "query";
  }

  @Override
  public String other() {
    return "a bare read: WebFlux, one row by its key over R2DBC, JSON";
  }

  @Override
  public Figures run(Path dir, int rounds, PrintStream out) throws Exception {
    var lanes = Lanes.chosen(atATime, LANES);
    var figures = new Figures();
    try (var stack = Stack.start(dir);
        var http = new Http()) {
      try (var bare = BareProcess.beside(stack, Part.JOB_SERVICE, Part.STATUS_AGGREGATOR)) {
        var firmwares = new Firmwares(stack, http);
        firmwares.prepare(FIRMWARE);
        stack.settle();
        var ids = firmwares.free();
        var api = http.api(stack.settings());
        Supplier<Mono<String>> query = () -> api
            .apply(new Call("QueryOTAFirmware", Map.of("FirmwareId", any(ids))));
        Supplier<Mono<String>> read = () -> http.get(bare.url("/firmware/" + any(ids)));
        WarmUp.with("query", stack.jvms(), WARM_UP, out, () -> Load.closed(WARM_UP_LANES, 0, WARM_UP_CALLS, query));
        WarmUp.with("bare", bare.jvms(), WARM_UP, out, () -> Load.closed(WARM_UP_LANES, 0, WARM_UP_CALLS, read));
        for (int round = 1; round <= rounds; round++) {
          for (int many : lanes) {
            int calls = many == 1 ? 2_000 : many == 8 ? 6_000 : 20_000;
            var ours = Load.closed(many, calls / 4, calls, query);
            var theirs = Load.closed(many, calls / 4, calls, read);
            figures.add("calls/s at " + many, Side.STACK, ours.perSecond());
            figures.add("calls/s at " + many, Side.OTHER, theirs.perSecond());
            if (many == 1) {
              figures.addLatency("one at a time", Side.STACK, ours);
              figures.addLatency("one at a time", Side.OTHER, theirs);
            }
            out.printf("round %d, %3d at a time: %,7.0f/s, bare %,7.0f/s; failed %d, %d%n", round, many,
                ours.perSecond(), theirs.perSecond(), ours.failed(), theirs.failed());
          }
          if (lanes.contains(64)) {
            double rate = figures.lowest("calls/s at 64") / 2;
            figures.addLatency("at half the rate", Side.STACK, Load.open(rate, OPEN_WARM_UP, OPEN, query));
            figures.addLatency("at half the rate", Side.OTHER, Load.open(rate, OPEN_WARM_UP, OPEN, read));
          }
        }
      }
      if (http.firstRefusal() != null) {
        out.println("first refusal: " + http.firstRefusal());
      }
    }
    lanes.stream().filter(many -> many >= 64)
        .forEach(many -> figures.expect("calls/s at " + many, Target.ratioAtLeast(0.5)));
    return figures;
  }

  private static String any(List<String> ids) {
    return ids.get(ThreadLocalRandom.current().nextInt(ids.size()));
  }
}
