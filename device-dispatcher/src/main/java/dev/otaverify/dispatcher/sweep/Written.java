// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.sweep;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What was written not long ago. While a partition stands still its due rows are found at every look; each is written at
 * once, then after a pause, then after one twice as long, …, so that it cannot fill the log with them.
 */
final class Written {
  private record Entry(int times, long againAtNanos) {}

  private final Map<String, Entry> entries = new HashMap<>();
  private final Duration first;
  private final Duration longest;

  Written(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
  }

  /** Whether to write this now; if so, it is remembered. */
  boolean isDue(String id, long nowNanos) {
    var entry = entries.get(id);
    if (entry != null && entry.againAtNanos - nowNanos > 0) {
      return false;
    }
    int times = entry == null ? 1 : Math.min(entry.times + 1, 20);
    var pause = first.multipliedBy(1L << (times - 1));
    entries.put(id, new Entry(times, nowNanos + (pause.compareTo(longest) < 0 ? pause : longest).toNanos()));
    return true;
  }

  /** It was not written after all. */
  void forget(String id) {
    entries.remove(id);
  }

  /** Forgets what was not found due for long. */
  void forgetOld(long nowNanos) {
    entries.values().removeIf(entry -> nowNanos - entry.againAtNanos > longest.toNanos());
  }

  int size() {
    return entries.size();
  }
}
