// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import org.jspecify.annotations.Nullable;

/**
 * Whether a device is there.
 *
 * @param session the latest connection heard of; what is said about an earlier one is too late
 * @param address where it connected from, while it is online
 */
public record Presence(long session, boolean online, @Nullable String address) {
  /** Never seen. */
  public static final Presence UNKNOWN = new Presence(Long.MIN_VALUE, false, null);
}
