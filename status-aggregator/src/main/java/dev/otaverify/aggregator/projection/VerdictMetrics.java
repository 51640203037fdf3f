// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.Verdict;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Counts verdicts, and how long they took: {@code ota.verification.duration} by verdict. Told once a unit is committed. */
final class VerdictMetrics {
  /** Up to the longest that a job may take: twice a day. */
  private static final Duration[] BUCKETS = {Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10),
      Duration.ofHours(1), Duration.ofHours(6), Duration.ofDays(1), Duration.ofDays(2)};

  private final Map<Verdict, Timer> timers = new EnumMap<>(Verdict.class);

  /** Both verdicts are there from the start, at zero. */
  VerdictMetrics(MeterRegistry registry) {
    for (var verdict : Verdict.values()) {
      timers.put(verdict,
          Timer.builder("ota.verification.duration").tag("verdict", verdict.name().toLowerCase(Locale.ROOT))
              .description("Verdicts, and the time from the creation of the job to its verdict")
              .serviceLevelObjectives(BUCKETS).register(registry));
    }
  }

  void given(Verdict verdict, Duration afterCreation) {
    Objects.requireNonNull(timers.get(verdict)).record(afterCreation);
  }
}
