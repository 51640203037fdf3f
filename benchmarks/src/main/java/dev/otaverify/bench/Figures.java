// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a comparison has measured: of each figure one value of each side in each round. */
final class Figures {
  private final Map<String, Figure> figures = new LinkedHashMap<>();
  private final Map<String, Measured> curves = new LinkedHashMap<>();

  /** Which of the two was measured: the stack, or what it is compared with. */
  enum Side {
    STACK, OTHER
  }

  /**
   * What a figure should be.
   *
   * @param said for people, such as {@code at least 0.50}
   * @param ofRatio whether the ratio is meant, else the stack's own value
   */
  record Target(String said, boolean ofRatio, DoublePredicate isMet) {
    static Target ratioAtLeast(double least) {
      return new Target("ratio %.2f or more".formatted(least), true, value -> value >= least);
    }

    static Target ratioAtMost(double most) {
      return new Target("ratio %.2f or less".formatted(most), true, value -> value <= most);
    }

    static Target atMost(double most) {
      return new Target("%,.0f or less".formatted(most), false, value -> value <= most);
    }
  }

  /** Values by round. */
  static final class Figure {
    private final String name;
    private final Map<Side, List<Double>> values = Map.of(Side.STACK, new ArrayList<>(), Side.OTHER, new ArrayList<>());
    private @Nullable Target target;

    Figure(String name) {
      this.name = name;
    }

    String name() {
      return name;
    }

    List<Double> values(Side side) {
      return List.copyOf(values.getOrDefault(side, List.of()));
    }

    boolean has(Side side) {
      return !values(side).isEmpty();
    }

    double median(Side side) {
      double[] sorted = values(side).stream().mapToDouble(value -> value).sorted().toArray();
      int middle = sorted.length / 2;
      return sorted.length % 2 == 1
          ? sorted[middle]
          : Arrays.stream(sorted, middle - 1, middle + 1).average().orElse(0);
    }

    double ratio() {
      return median(Side.STACK) / median(Side.OTHER);
    }

    boolean isCompared() {
      return has(Side.STACK) && has(Side.OTHER);
    }

    @Nullable
    Target target() {
      return target;
    }

    boolean isMet() {
      return target == null
          || ((target.ofRatio() ? isCompared() : has(Side.STACK))
              && target.isMet().test(target.ofRatio() ? ratio() : median(Side.STACK)));
    }
  }

  /** Adds the value of this round. */
  void add(String name, Side side, double value) {
    figure(name).values.getOrDefault(side, new ArrayList<>()).add(value);
  }

  /** The usual figures of latency, and the whole curve of the last round. */
  void addLatency(String name, Side side, Measured measured) {
    for (double percentile : new double[]{50, 90, 99, 99.9}) {
      add(name + " p" + (percentile == 99.9 ? "99.9" : Integer.toString((int) percentile)) + ", ms", side,
          measured.milliseconds(percentile));
    }
    curves.put(name + (side == Side.STACK ? ", otaverify" : ", other"), measured);
  }

  /** What a figure should be; it must have been measured by the end. */
  void expect(String name, Target target) {
    figure(name).target = target;
  }

  /** The lowest value of any side and round. */
  double lowest(String name) {
    var figure = figure(name);
    return Stream.of(Side.values()).flatMap(side -> figure.values(side).stream()).mapToDouble(value -> value).min()
        .orElseThrow();
  }

  private Figure figure(String name) {
    return figures.computeIfAbsent(name, Figure::new);
  }

  List<Figure> all() {
    return List.copyOf(figures.values());
  }

  Map<String, Measured> curves() {
    return Map.copyOf(curves);
  }
}
