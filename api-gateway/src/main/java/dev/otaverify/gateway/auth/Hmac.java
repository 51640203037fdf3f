// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keyed digests. */
final class Hmac {
  private Hmac() {}

  static byte[] of(String algorithm, String key, String text) {
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), algorithm));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(algorithm + ": missing (expected: in every Java)", impossible);
    }
  }
}
