// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Short names out of digests: the same parts always give the same name. */
final class Base62 {
  private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());

  private Base62() {}

  /** The first {@code length} base62 digits of the SHA-256 of the parts, each prefixed with its length. */
  static String digest(int length, String... parts) {
    var sha256 = sha256();
    for (var part : parts) {
      var bytes = part.getBytes(StandardCharsets.UTF_8);
      sha256.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      sha256.update(bytes);
    }
    var number = new BigInteger(1, sha256.digest());
    var name = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      var quotientAndDigit = number.divideAndRemainder(BASE);
      name.append(DIGITS.charAt(quotientAndDigit[1].intValue()));
      number = quotientAndDigit[0];
    }
    return name.toString();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: missing (expected: in every Java)", e);
    }
  }
}
