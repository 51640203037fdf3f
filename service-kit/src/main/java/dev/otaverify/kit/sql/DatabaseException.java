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
    return isOfClass("22") || isTaken();
  }

  /** Whether a constraint does not allow it, such as a unique key that another row has: SQLSTATE class 23. */
  public boolean isTaken() {
    return isOfClass("23");
  }

  private boolean isOfClass(String begin) {
    return getCause() instanceof SQLException refused && refused.getSQLState() != null
        && refused.getSQLState().startsWith(begin);
  }
}
