// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of sending once.
 *
 * @param status of the answer; null: none came
 * @param error why it failed, for people; null: it was delivered
 * @param retryAfter the pause that was asked for; zero if none was
 */
record Attempt(@Nullable Integer status, @Nullable String error, Duration took, Duration retryAfter) {
  /** All that {@link #outcome} may say. */
  static final List<String> OUTCOMES = List.of("delivered", "gone", "failed");
  private static final int GONE = 410;

  boolean isDelivered() {
    return error == null;
  }

  /** Whether the endpoint wants to hear of nothing any more. */
  boolean isGone() {
    return status != null && status == GONE;
  }

  String outcome() {
    return isDelivered() ? "delivered" : isGone() ? "gone" : "failed";
  }
}
