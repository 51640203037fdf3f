// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

/** No decision can be made about a record, now or ever: it is at fault, not the state of the system. */
public class UndecidableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** @param message what came and what was expected */
  public UndecidableException(String message) {
    super(message);
  }

  /** @param message what came and what was expected */
  public UndecidableException(String message, Throwable cause) {
    super(message, cause);
  }
}
