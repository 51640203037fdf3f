// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import java.util.Locale;
import java.util.stream.Stream;

/** What a device does when it is told to upgrade. */
public enum Behaviour {
  /** Upgrades and comes back with the new version. */
  SUCCEED,
  /** The same, but it takes its time: it downloads in pieces with long pauses. */
  SLOW,
  /** Downloads, then reports that the upgrade failed, and stays as it is. */
  FAIL_1,
  /** Gives the download up half way and reports that. */
  FAIL_2,
  /** Reports that the digest is another, though it is not. */
  FAIL_3,
  /** Downloads, then reports that burning failed. */
  FAIL_4,
  /** Upgrades, but comes back with a version that is neither what it had nor what it was told. */
  WRONG_VERSION,
  /** Is there, but never reacts. */
  SILENT,
  /** Loses its connection again and again during the upgrade, and succeeds nevertheless. */
  FLAPPING,
  /** Receives a byte that is not the one that was sent, notices, and reports it. */
  CORRUPT_DOWNLOAD;

  /** Such as {@code fail-3}; {@link #SUCCEED} is {@code ok}. */
  public String id() {
    return this == SUCCEED ? "ok" : name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Reads an {@link #id()}.
   *
   * @throws IllegalArgumentException if there is no such behaviour
   */
  public static Behaviour of(String id) {
    return Stream.of(values()).filter(one -> one.id().equals(id)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "behaviour: " + id + " (expected: one of " + Stream.of(values()).map(Behaviour::id).toList() + ")"));
  }
}
