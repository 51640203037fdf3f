// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.agent;

import java.util.Locale;

/** Mistakes that somebody could have made. With each, the checker must find that a promise is broken. */
public enum Defect {
  /** A unit's output is published before its transaction is committed. */
  ACKNOWLEDGED_BEFORE_COMMIT,
  /** A unit is committed whoever owns the partition by now. */
  NO_EPOCH_CHECK,
  /** Who takes a partition over does not publish what its last owner still had to. */
  PENDING_OUTPUT_FORGOTTEN,
  /** A query reads what is there, and waits for nothing. */
  NO_READ_BARRIER,
  /** A device whose time is over may still succeed. */
  LATE_REPORT_COUNTS;

  /** Such as {@code no-epoch-check}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Reads an {@link #id()}.
   *
   * @throws IllegalArgumentException if there is no such defect
   */
  public static Defect of(String id) {
    return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
