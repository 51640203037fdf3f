// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

/** A device's payload is not what its topic carries; the message says why, without anything of the payload. */
final class UnreadableReportException extends Exception {
  private static final long serialVersionUID = 1;

  UnreadableReportException(String reason) {
    super(reason);
  }
}
