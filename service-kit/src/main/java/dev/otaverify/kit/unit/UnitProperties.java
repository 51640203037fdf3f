// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How units run.
 *
 * @param transactionLimit the most that a transaction may take; the server ends a longer one, so a frozen owner bars
 *   nobody for longer
 * @param parallelism units at a time of each subscription, if there is enough for more than one
 * @param sessionTimeout after this the partitions of a dead instance go to another
 * @param firstRetry pause after the first failure of a dependency; doubled each time
 * @param longestRetry the longest pause
 */
@ConfigurationProperties("ota.unit")
public record UnitProperties(@DefaultValue("5s") Duration transactionLimit, @DefaultValue("6") int parallelism,
    @DefaultValue("6s") Duration sessionTimeout, @DefaultValue("100ms") Duration firstRetry,
    @DefaultValue("5s") Duration longestRetry) {
  /** @throws IllegalArgumentException if a value is not positive */
  public UnitProperties {
    if (parallelism < 1) {
      throw new IllegalArgumentException("ota.unit.parallelism: " + parallelism + " (expected: 1 or more)");
    }
    if (!transactionLimit.isPositive() || !sessionTimeout.isPositive() || !firstRetry.isPositive()
        || longestRetry.compareTo(firstRetry) < 0) {
      throw new IllegalArgumentException(
          "ota.unit: durations out of bounds (expected: positive, first-retry <= longest-retry)");
    }
  }
}
