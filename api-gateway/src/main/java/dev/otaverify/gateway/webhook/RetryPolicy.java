// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait after a failure: {@code first}, doubled each time, {@code longest} at most, and a fifth more or less so that what
 * failed together does not come back together.
 */
record RetryPolicy(Duration first, Duration longest) {
  private static final double JITTER = 0.2;
  // Beyond any ratio of the two.
  private static final int MOST_DOUBLINGS = 30;

  /**
   * The pause.
   *
   * @param failures one after the other, with this one
   * @param asked for by the endpoint; zero if nothing was
   * @param chance from 0 to 1
   */
  Duration pause(int failures, Duration asked, double chance) {
    var doubled = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
    var bounded = least(doubled, longest);
    var jittered = Duration.ofMillis((long) (bounded.toMillis() * (1 - JITTER + 2 * JITTER * chance)));
    return asked.compareTo(jittered) > 0 ? least(asked, longest) : jittered;
  }

  /** What {@code Retry-After} asks for: seconds, or a date; zero if it says nothing that can be read. */
  static Duration retryAfter(@Nullable String header, Instant now) {
    if (header == null) {
      return Duration.ZERO;
    }
    var text = header.strip();
    if (text.matches("[0-9]{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      var wait = Duration.between(now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeParseException e) {
      return Duration.ZERO;
    }
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
