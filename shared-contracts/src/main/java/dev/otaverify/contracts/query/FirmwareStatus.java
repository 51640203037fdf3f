// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

/** {@code Status} of QueryOTAFirmware, with the vendor's numbers. */
public enum FirmwareStatus {
  NOT_NEEDED(-1), UNVERIFIED(0), VERIFIED(1), VERIFYING(2), VERIFICATION_FAILED(3);

  private final int code;

  FirmwareStatus(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }
}
