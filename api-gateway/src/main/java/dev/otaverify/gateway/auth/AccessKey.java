// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.contracts.AccountId;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A name and a secret that requests are signed with, and the account they act for.
 *
 * @param id 1 to 128 visible ASCII characters
 * @param secret 8 to 256 characters; it never leaves this record as text
 */
public record AccessKey(String id, String secret, @DefaultValue("default") AccountId account) {
  private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]{1,128}");

  /** @throws IllegalArgumentException if a part is out of its bounds; the message does not show the secret */
  public AccessKey {
    if (!isId(id)) {
      throw new IllegalArgumentException("access key id: " + id + " (expected: 1 to 128 visible ASCII characters)");
    }
    if (secret.length() < 8 || secret.length() > 256) {
      throw new IllegalArgumentException(
          "secret of access key " + id + ": " + secret.length() + " characters (expected: 8 to 256)");
    }
  }

  /** Whether a key can have this id. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  @Override
  public String toString() {
    return "AccessKey[id=" + id + ", account=" + account + "]";
  }
}
