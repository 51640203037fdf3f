// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceInput;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The log of what devices say, {@code ota.device.inputs}: in order for each device. */
interface DeviceLog {

  /** Whether anything can be written at all. */
  boolean isReady();

  /**
   * Writes an input. What is written later about the same device stands behind it, whether or not this was waited for.
   *
   * @return done once it is durable; fails if that took too long, in which case it may still come to be written
   */
  CompletableFuture<@Nullable Void> append(DeviceInput input, Instant at);
}
