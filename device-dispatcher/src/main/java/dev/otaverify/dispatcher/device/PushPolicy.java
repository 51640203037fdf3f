// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often an unanswered push is repeated. Bounded, since a device that cannot take the firmware would be told for ever.
 *
 * @param pauses after the first push, the second, …; after one more push than there are pauses none follows
 * @param quiet a device that reports its version this soon after a push is not pushed again before the time is over
 * @param connectGrace how long a device that has connected is given to report its version: it subscribes only after it
 *   has connected, and its report is the sign that it can hear
 */
public record PushPolicy(List<Duration> pauses, Duration quiet, Duration connectGrace) {

  /** @throws IllegalArgumentException if a duration is negative, a pause zero, or the pauses do not grow */
  public PushPolicy {
    pauses = List.copyOf(pauses);
    var previous = Duration.ofNanos(1);
    for (var pause : pauses) {
      if (pause.compareTo(previous) < 0) {
        throw new IllegalArgumentException(
            "pauses: " + pauses + " (expected: positive, none shorter than the one before)");
      }
      previous = pause;
    }
    if (quiet.isNegative() || connectGrace.isNegative()) {
      throw new IllegalArgumentException(
          "quiet, connectGrace: " + quiet + ", " + connectGrace + " (expected: not negative)");
    }
  }

  /** How many pushes a task gets. */
  public int attempts() {
    return pauses.size() + 1;
  }

  /** When to push again after this attempt; null if it was the last, or if {@code end} comes first. */
  @Nullable
  Instant next(int attempt, Instant now, Instant end) {
    if (attempt > pauses.size()) {
      return null;
    }
    var next = now.plus(pauses.get(attempt - 1));
    return next.isBefore(end) ? next : null;
  }
}
