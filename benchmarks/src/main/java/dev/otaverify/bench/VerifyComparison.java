// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Figures.Side;
import dev.otaverify.bench.Figures.Target;
import dev.otaverify.bench.Fleet.Group;
import dev.otaverify.bench.Http.Call;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.localinfra.FreePorts;
import dev.otaverify.localstack.Part;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.HdrHistogram.ConcurrentHistogram;
import reactor.core.publisher.Mono;

/**
 * Whole verifications: a job on ten connected devices, which hear of the version, report progress twice and then the version; beside a bare
 * loop of the same devices.
 *
 * <p>How long it takes from the last report until it is known is measured from the moment that the last of the ten has sent its new
 * version, before that is acknowledged. It ends with the answer to a QueryOTAFirmware that says verified. That query begins when the event
 * of the verdict has come; should it still say anything else, the next one begins a pause after its answer. So what is measured has the way
 * of the event to here and the whole query in it, and is never too little. The other side is asked once, and answers when it knows.
 */
final class VerifyComparison implements Comparison {
  /** How many at a time, with ten devices each, unless told. */
  static final int JOBS = 40;

  private static final int MOST_JOBS = 1_000;
  private static final int WARM_UP_CALLS = 300;
  private static final Duration WARM_UP = Duration.ofMinutes(4);
  private static final Duration OPEN_WARM_UP = Duration.ofSeconds(3);
  private static final Duration OPEN = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofMillis(5);
  /** Longer than until a push that was lost is sent again. */
  private static final Duration PATIENCE = Duration.ofSeconds(50);
  private static final int REGISTERING = 8;
  private static final String VERIFIED = "\"Status\":1,";
  private static final long HIGHEST_MICROS = TimeUnit.MINUTES.toMicros(5);
  private static final int DIGITS = 3;
  private static final String RATE = "verifications/s";
  private static final String LAST = "last report to verified";
  private static final String FAILED = "verifications that failed";

  private final int jobs;

  /** @param jobs how many at a time */
  VerifyComparison(int jobs) {
    if (jobs < 1 || jobs > MOST_JOBS) {
      throw new IllegalArgumentException("--at-a-time: " + jobs + " (expected: 1 to " + MOST_JOBS + ")");
    }
    this.jobs = jobs;
  }

  @Override
  public String name() {
    return "verify";
  }

  @Override
  public String other() {
    return "a bare loop: pushes by the same MQTT broker, one Kafka record for each report, the rows of a poll in one statement with fsync";
  }

  /** Two moments, of {@link System#nanoTime()}. */
  private record Known(long lastReport, long known) {
    long micros() {
      return TimeUnit.NANOSECONDS.toMicros(known - lastReport);
    }
  }

  /**
   * One of the two.
   *
   * @param counted how many for its highest rate, after half as many that are not
   * @param verification done by ten devices
   * @param failed those that were refused, or not verified in time
   */
  private record Verifier(Side side, int counted, Fleet fleet, Function<Group, Mono<Known>> verification,
      LongAdder failed) {
    int uncounted() {
      return counted / 2;
    }

    Mono<Known> next() {
      return fleet.with(group -> verification.apply(group).timeout(PATIENCE));
    }
  }

  @Override
  public Figures run(Path dir, int rounds, PrintStream out) throws Exception {
    var figures = new Figures();
    int mqttPort = FreePorts.choose();
    try (var stack = Stack.start(dir);
        var http = new Http();
        var verdicts = Verdicts.from(stack.settings().address(Part.KAFKA));
        var bare = BareProcess.devicesBeside(stack, Part.DEVICE_DISPATCHER, mqttPort, dir.resolve("bare"))) {
      var api = http.api(stack.settings());
      var firmwares = new Firmwares(stack, http);
      var ids = Fleet.ids(firmwares.product(), jobs);
      register(ids, api, http);
      try (var ourFleet = Fleet.connect(stack.settings().port(Part.MQTT_BROKER), ids);
          var theirFleet = Fleet.connect(mqttPort, ids)) {
        var versions = new AtomicInteger();
        var ours = new Verifier(Side.STACK, 600, ourFleet,
            group -> verification(group, firmwares, verdicts, api), new LongAdder());
        var theirs = new Verifier(Side.OTHER, 4_000, theirFleet,
            group -> bareLoop(group, "3.0." + versions.incrementAndGet(), http, bare), new LongAdder());
        WarmUp.with("verify", stack.jvms(), WARM_UP, out, () -> {
          firmwares.prepareAlone(WARM_UP_CALLS);
          Load.closed(jobs, 0, WARM_UP_CALLS, () -> ours.next());
          stack.settle();
        });
        WarmUp.with("bare", bare.jvms(), WARM_UP, out,
            () -> Load.closed(jobs, 0, WARM_UP_CALLS * 5, () -> theirs.next()));
        for (int round = 1; round <= rounds; round++) {
          firmwares.prepareAlone(ours.uncounted() + ours.counted());
          for (var one : List.of(ours, theirs)) {
            stack.settle();
            closed(one, figures, out, round);
          }
          // At half of what the slower of the two did.
          double rate = Math.max(1, figures.lowest(RATE) / 2);
          firmwares.prepareAlone((int) (rate * OPEN_WARM_UP.plus(OPEN).toSeconds()) + 1);
          for (var one : List.of(ours, theirs)) {
            stack.settle();
            open(one, rate, figures, out, round);
          }
        }
        for (var one : List.of(ours, theirs)) {
          figures.add(FAILED, one.side(), one.failed().doubleValue());
        }
      }
      if (http.firstRefusal() != null) {
        out.println("first refusal: " + http.firstRefusal());
      }
    }
    figures.expect(RATE, Target.ratioAtLeast(0.4));
    figures.expect(LAST + " p99, ms", Target.atMost(250));
    figures.expect(FAILED, Target.atMost(0));
    return figures;
  }

  private static void register(List<DeviceId> ids, Function<Call, Mono<String>> api, Http http)
      throws InterruptedException {
    var next = new AtomicInteger();
    var registered = Load.closed(REGISTERING, 0, ids.size(), () -> {
      var id = ids.get(next.getAndIncrement());
      return api.apply(new Call("ImportDevice", Map.of("ProductKey", id.productKey().value(), "DeviceName",
          id.deviceName().value(), "DeviceSecret", Device.secret(id))));
    });
    if (registered.failed() > 0) {
      throw new IllegalStateException("devices: %d of %d not registered (expected: all), the first: %s"
          .formatted(registered.failed(), ids.size(), http.firstRefusal()));
    }
  }

  private void closed(Verifier one, Figures figures, PrintStream out, int round) throws InterruptedException {
    var measured = Load.closed(jobs, one.uncounted(), one.counted(), () -> one.next());
    one.failed().add(measured.failed());
    figures.add(RATE, one.side(), measured.perSecond());
    out.printf("round %d, %s, %d at a time: %,.1f/s; failed %d%n", round, one.side(), jobs, measured.perSecond(),
        measured.failed());
  }

  private static void open(Verifier one, double rate, Figures figures, PrintStream out, int round)
      throws InterruptedException {
    long failedBefore = Load.open(rate, Duration.ZERO, OPEN_WARM_UP, () -> one.next()).failed();
    var untilKnown = new ConcurrentHistogram(HIGHEST_MICROS, DIGITS);
    var measured = Load.open(rate, Duration.ZERO, OPEN, () -> one.next()
        .doOnNext(known -> untilKnown.recordValue(Math.min(HIGHEST_MICROS, known.micros()))));
    one.failed().add(failedBefore + measured.failed());
    var last = new Measured(measured.perSecond(), untilKnown, measured.failed());
    figures.addLatency(LAST, one.side(), last);
    figures.addLatency("from the call to verified", one.side(), measured);
    out.printf("round %d, %s, %.1f/s: from the last report p50 %.1f ms, p99 %.1f ms; failed %d%n", round, one.side(),
        rate, last.milliseconds(50), last.milliseconds(99), failedBefore + measured.failed());
  }

  private static Mono<Known> verification(Group group, Firmwares firmwares, Verdicts verdicts,
      Function<Call, Mono<String>> api) {
    return Mono.defer(() -> {
      var firmware = firmwares.next();
      var lastReport = group.lastReport();
      var verdict = verdicts.on(firmware);
      var created = api.apply(firmwares.job(firmware, names(group)));
      return Mono.zip(created, lastReport, verdict).flatMap(all -> {
        if (!all.getT3()) {
          throw new IllegalStateException("firmware: " + firmware + " failed (expected: verified)");
        }
        return verified(firmware, api).map(answer -> new Known(all.getT2(), System.nanoTime()));
      });
    });
  }

  /** Asks until the firmware is verified, also when it cannot be told for now. */
  private static Mono<String> verified(String firmware, Function<Call, Mono<String>> api) {
    return Mono.defer(() -> api.apply(new Call("QueryOTAFirmware", Map.of("FirmwareId", firmware))))
        .onErrorComplete().filter(answer -> answer.contains(VERIFIED))
        .repeatWhenEmpty(answers -> answers.delayElements(PAUSE));
  }

  private static Mono<Known> bareLoop(Group group, String version, Http http, BareProcess bare) {
    return Mono.defer(() -> {
      var devices = group.ids().stream().map(DeviceId::key).collect(Collectors.joining("\n"));
      var lastReport = group.lastReport();
      var answered = http.post(bare.url("/verify"), () -> version + "\n" + devices).map(answer -> System.nanoTime());
      return Mono.zip(lastReport, answered, Known::new);
    });
  }

  private static List<String> names(Group group) {
    return group.ids().stream().map(id -> id.deviceName().value()).toList();
  }
}
