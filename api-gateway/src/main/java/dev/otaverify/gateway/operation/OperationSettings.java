// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import java.time.Duration;

/**
 * What operations need to know of the configuration.
 *
 * @param verifyJobType {@code JobType} of a verification
 * @param defaultTimeoutMinutes {@code TimeoutInMinutes} when it is absent
 * @param timeoutUnit how long one of those minutes lasts
 */
public record OperationSettings(String verifyJobType, int defaultTimeoutMinutes, Duration timeoutUnit) {
  long minutes(Duration timeout) {
    return timeout.dividedBy(timeoutUnit);
  }
}
