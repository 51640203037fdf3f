// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.sweep;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How due tasks are looked for.
 *
 * @param interval pause between two looks
 * @param pageSize due rows read at a time
 * @param firstResend what was written and is still due is written again after this, then after twice as long, …; all that is due is looked at
 *   five times meanwhile, else only what came due since the last look
 * @param longestResend … up to this
 */
@ConfigurationProperties("ota.dispatcher.sweeper")
record SweeperProperties(Duration interval, int pageSize, Duration firstResend, Duration longestResend) {

  /** @throws IllegalArgumentException if a value is out of its bounds */
  SweeperProperties {
    if (!interval.isPositive() || pageSize < 1 || !firstResend.isPositive()
        || longestResend.compareTo(firstResend) < 0) {
      throw new IllegalArgumentException(
          "ota.dispatcher.sweeper: %s, %d, %s, %s (expected: positive, first-resend <= longest-resend)"
              .formatted(interval, pageSize, firstResend, longestResend));
    }
  }
}
