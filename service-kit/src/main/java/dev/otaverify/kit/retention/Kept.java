// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.retention;

import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * Rows of one kind that are kept for a time only: a bean of the service that has them.
 *
 * @param kind in metrics and logs, such as {@code jobs}
 * @param time how long they are kept; zero: for ever
 * @param atOnce the most that one statement removes: it must be done within a transaction's limit
 * @param statement removes those that are older than {@code $1} seconds, {@code $2} of them at most, none that another instance
 *     removes right now ({@code for update skip locked}), by the database's clock; the rows that it counts are of this kind
 * @param removed is told of how many after each statement
 */
public record Kept(String kind, Duration time, int atOnce, String statement, LongConsumer removed) {
  /** The least that what others refer to may be kept: longer than any task takes, and than any message about one is late. */
  public static final Duration LEAST = Duration.ofDays(4);

  /** @throws IllegalArgumentException if a number is out of its bounds */
  public Kept {
    if (time.isNegative() || atOnce < 1) {
      throw new IllegalArgumentException(
          kind + ": kept for " + time + ", " + atOnce + " removed at once (expected: 0 or more, and 1 or more)");
    }
  }

  /**
   * Rows of one table, the oldest first.
   *
   * @param key the columns of its primary key, with commas
   * @param since the column that their age is counted from; rows without it stay
   */
  public static Kept rows(String kind, Duration time, int atOnce, String table, String key, String since) {
    return new Kept(kind, time, atOnce,
        """
        delete from %1$s where (%2$s) in (
          select %2$s from %1$s where %3$s < now() - make_interval(secs => $1)
          order by %3$s limit $2 for update skip locked)""".formatted(table, key, since));
  }

  /** Nobody is told. */
  public Kept(String kind, Duration time, int atOnce, String statement) {
    this(kind, time, atOnce, statement, rows -> {});
  }

  /**
   * A setting that says how long such rows are kept.
   *
   * @return {@code time}
   * @throws IllegalArgumentException if it is neither 0, for ever, nor {@link #LEAST} or more
   */
  public static Duration checked(String property, Duration time) {
    if (!time.isZero() && time.compareTo(LEAST) < 0) {
      throw new IllegalArgumentException(
          property + ": " + time + " (expected: " + LEAST.toDays() + "d or more, or 0 for ever)");
    }
    return time;
  }
}
