// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import java.util.List;

/** How many calls are under way at a time, as {@code --at-a-time} says. */
final class Lanes {
  private Lanes() {}

  /**
   * Those to measure.
   *
   * @param atATime one of them; 0: all
   * @throws IllegalArgumentException if it is none of them
   */
  static List<Integer> chosen(int atATime, List<Integer> known) {
    if (atATime == 0) {
      return known;
    }
    if (!known.contains(atATime)) {
      throw new IllegalArgumentException("--at-a-time: " + atATime + " (expected: one of "
          + known.stream().sorted().toList() + ", or none for all)");
    }
    return List.of(atATime);
  }
}
