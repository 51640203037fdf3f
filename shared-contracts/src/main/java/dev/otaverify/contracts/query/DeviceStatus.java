// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

/** {@code Status} of a device, with the vendor's names. */
public enum DeviceStatus {
  /** It was never online. */
  UNACTIVE,
  /** It is connected, as the broker says. */
  ONLINE,
  /** It was online before. */
  OFFLINE,
  /** It may not log in. */
  DISABLE
}
