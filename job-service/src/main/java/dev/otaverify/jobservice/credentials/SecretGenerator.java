// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.credentials;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Makes secrets. */
@FunctionalInterface
public interface SecretGenerator {
  /** A new one. */
  Secret next();

  /** 128 random bits each. */
  static SecretGenerator random() {
    var random = new SecureRandom();
    return () -> {
      var bytes = new byte[16];
      random.nextBytes(bytes);
      return new Secret(HexFormat.of().formatHex(bytes));
    };
  }
}
