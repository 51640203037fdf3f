// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import java.sql.SQLException;

/** The database has refused something, or did not answer. The cause says what, and its SQLSTATE of which class. */
public final class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What has become of a statement. */
  public DatabaseException(SQLException cause) {
    super(cause.getMessage(), cause);
  }

  /** Whether it is about what was to be written: SQLSTATE classes 22, data, and 23, constraints. */
  public boolean isForItsData() {
    return begins("22") || begins("23");
  }

  /** Whether another row has a unique key that was to be written: SQLSTATE 23505. */
  public boolean isTaken() {
    return begins("23505");
  }

  private boolean begins(String begin) {
    return getCause() instanceof SQLException refused && refused.getSQLState() != null
        && refused.getSQLState().startsWith(begin);
  }
}
