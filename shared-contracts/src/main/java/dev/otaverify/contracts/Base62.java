// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Short names out of digests: the same parts always give the same name. */
final class Base62 {
  private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  /** Digits that are taken of the number with one division: as many as are in a {@code long}. */
  private static final int AT_ONCE = 10;
  private static final BigInteger BASE_AT_ONCE = BigInteger.valueOf(DIGITS.length()).pow(AT_ONCE);

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
    long some = 0;
    for (int i = 0; i < length; i++) {
      if (i % AT_ONCE == 0) {
        var rest = number.divideAndRemainder(BASE_AT_ONCE);
        number = rest[0];
        some = rest[1].longValueExact();
      }
      name.append(DIGITS.charAt((int) (some % DIGITS.length())));
      some /= DIGITS.length();
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
