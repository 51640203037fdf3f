// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import java.time.Duration;
import java.util.Arrays;

/** Many durations, to be asked for percentiles. The newest replace the oldest beyond a hundred thousand. */
public final class Durations {
  private static final int KEPT = 100_000;

  private int[] millis = new int[256];
  private long added;

  /** One more; what is longer than 24 days counts as that. */
  public synchronized void add(Duration duration) {
    int place = (int) (added % KEPT);
    if (place == millis.length) {
      millis = Arrays.copyOf(millis, Math.min(KEPT, 2 * millis.length));
    }
    millis[place] = (int) Math.clamp(duration.toMillis(), 0L, (long) Integer.MAX_VALUE);
    added++;
  }

  /** How many were added. */
  public synchronized long count() {
    return added;
  }

  /** Such as {@code p50 1.2 s, p90 1.9 s, p99 2.5 s, max 2.6 s}; {@code none} if there are none. */
  public synchronized String summary() {
    if (added == 0) {
      return "none";
    }
    var sorted = Arrays.copyOf(millis, (int) Math.min(added, millis.length));
    Arrays.sort(sorted);
    return "p50 %.1f s, p90 %.1f s, p99 %.1f s, max %.1f s".formatted(percentile(sorted, 50), percentile(sorted, 90),
        percentile(sorted, 99), percentile(sorted, 100));
  }

  /** The smallest that so many percent are not above, in seconds. */
  private static double percentile(int[] sorted, int percent) {
    return sorted[Math.max(0, Math.ceilDiv(sorted.length * percent, 100) - 1)] / 1000.0;
  }
}
