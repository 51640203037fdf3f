// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How many of a fleet behave in which way, in proportions that need not add up to anything.
 *
 * @param weights of those that there are to be; each more than 0
 */
public record Shares(Map<Behaviour, Integer> weights) {
  private static final int HIGHEST = 1_000_000;

  /** @throws IllegalArgumentException if there is none, or a weight out of its bounds */
  public Shares {
    if (weights.isEmpty()) {
      throw new IllegalArgumentException("shares: none (expected: such as ok=80,silent=20)");
    }
    weights.forEach((behaviour, weight) -> {
      if (weight < 1 || weight > HIGHEST) {
        throw new IllegalArgumentException(
            "share of " + behaviour.id() + ": " + weight + " (expected: 1 to " + HIGHEST + ")");
      }
    });
    weights = Collections.unmodifiableMap(new EnumMap<>(weights));
  }

  /**
   * Reads such as {@code ok=80,slow=5,silent=5}; a behaviour alone is all of them.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  public static Shares of(String text) {
    var weights = new EnumMap<Behaviour, Integer>(Behaviour.class);
    for (var part : text.split(",", -1)) {
      var nameAndWeight = part.split("=", 2);
      int weight;
      try {
        weight = nameAndWeight.length == 1 ? 1 : Integer.parseInt(nameAndWeight[1]);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("share: " + part + " (expected: such as ok=80)", e);
      }
      if (weights.put(Behaviour.of(nameAndWeight[0]), weight) != null) {
        throw new IllegalArgumentException("share: " + part + " (expected: each behaviour once)");
      }
    }
    return new Shares(weights);
  }

  /**
   * The behaviour of each device, by its number from 0. The counts are as near to the shares as whole numbers can be (the
   * largest remainders get what is left), and the order depends on nothing but the seed, so that a device does the same
   * in each run.
   */
  public List<Behaviour> deal(int count, long seed) {
    long sum = weights.values().stream().mapToLong(Integer::longValue).sum();
    var dealt = new ArrayList<Behaviour>(count);
    weights.forEach((behaviour, weight) -> add(dealt, behaviour, (int) (count * (long) weight / sum)));
    weights.keySet().stream()
        .sorted(
            Comparator.comparingLong((Behaviour one) -> count * (long) weights.getOrDefault(one, 0) % sum).reversed())
        .limit(count - dealt.size()).toList().forEach(one -> add(dealt, one, 1));
    Collections.shuffle(dealt, new Random(seed));
    return List.copyOf(dealt);
  }

  private static void add(List<Behaviour> dealt, Behaviour behaviour, int times) {
    dealt.addAll(Collections.nCopies(times, behaviour));
  }
}
