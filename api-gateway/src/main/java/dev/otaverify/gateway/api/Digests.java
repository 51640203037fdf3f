// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests as text. */
public final class Digests {
  private Digests() {}

  /** Hex SHA-256, lower case. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256: missing (expected: in every Java)", impossible);
    }
  }
}
