// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.dispatcher.device.DeviceTask.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Counts how tasks go: {@code ota.tasks.ended} by outcome and {@code ota.push.to.start}. Told once a unit is committed. */
final class TaskMetrics {
  private static final Duration[] BUCKETS = {Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofMinutes(1),
      Duration.ofMinutes(10), Duration.ofHours(1)};

  private final Timer pushToStart;
  private final Map<String, Counter> ended = new HashMap<>();

  /** All outcomes are there from the start, at zero. */
  TaskMetrics(MeterRegistry registry) {
    pushToStart = Timer.builder("ota.push.to.start")
        .description("From the last push of a task to the first progress report or the target version of its device")
        .serviceLevelObjectives(BUCKETS).register(registry);
    register("succeeded", registry);
    register("canceled", registry);
    for (var reason : TaskFailed.Reason.values()) {
      register(name(reason), registry);
    }
  }

  private void register(String outcome, MeterRegistry registry) {
    ended.put(outcome, Counter.builder("ota.tasks.ended").tag("outcome", outcome)
        .description("Tasks that ended: succeeded, canceled, or the reason of their failure").register(registry));
  }

  void started(Duration afterPush) {
    pushToStart.record(afterPush);
  }

  void ended(Outcome outcome) {
    Objects.requireNonNull(ended.get(switch (outcome) {
      case Outcome.Succeeded o -> "succeeded";
      case Outcome.Canceled o -> "canceled";
      case Outcome.Failed o -> name(o.reason());
    })).increment();
  }

  private static String name(TaskFailed.Reason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
