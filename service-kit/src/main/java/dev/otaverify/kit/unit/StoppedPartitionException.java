// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

/** The partition must not go on until an operator has decided: going on would lose data or hide a bug. */
final class StoppedPartitionException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  StoppedPartitionException(String message) {
    super(message);
  }

  StoppedPartitionException(String message, Throwable cause) {
    super(message, cause);
  }
}
