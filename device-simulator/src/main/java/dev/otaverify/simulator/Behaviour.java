// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

/** What a device does when it is told to upgrade. */
public enum Behaviour {
  /** Upgrades and comes back with the new version. */
  SUCCEED,
  /** Downloads, then reports that it failed, and stays as it is. */
  FAIL,
  /** Is there, but never reacts. */
  SILENT
}
