// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

/** A record that is not a message of the contract. */
public final class UnreadableMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** @param message what was found and what was expected */
  public UnreadableMessageException(String message) {
    super(message);
  }

  /** @param message what was found and what was expected */
  public UnreadableMessageException(String message, Throwable cause) {
    super(message, cause);
  }
}
