// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.function.IntSupplier;

/** Counts what units do: {@code ota.unit.duration}, {@code .records}, {@code .dead.letters}, {@code .failures}. */
final class UnitMetrics {
  private final MeterRegistry registry;

  UnitMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void unit(Subscription<?> subscription, int records, IntSupplier work) {
    var begun = Timer.start(registry);
    int deadLetters = work.getAsInt();
    begun.stop(registry.timer("ota.unit.duration", "topic", subscription.topic()));
    registry.counter("ota.unit.records", "topic", subscription.topic()).increment(records);
    registry.counter("ota.unit.dead.letters", "topic", subscription.topic()).increment(deadLetters);
  }

  void failure(Subscription<?> subscription, Fault fault) {
    registry.counter("ota.unit.failures", "topic", subscription.topic(), "fault",
        fault.name().toLowerCase(Locale.ROOT)).increment();
  }
}
