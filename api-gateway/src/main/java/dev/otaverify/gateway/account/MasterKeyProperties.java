// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The key that the secrets in the database are sealed with; all gateways need the same. One of the two is given.
 *
 * @param masterKey the key itself, 32 or more random characters
 * @param masterKeyFile a file that holds it; white space around it is left out
 */
@ConfigurationProperties("ota.gateway")
record MasterKeyProperties(@Nullable String masterKey, @Nullable Path masterKeyFile) {

  Vault vault() {
    if (masterKey != null && masterKeyFile == null) {
      return new Vault(masterKey);
    }
    if (masterKey == null && masterKeyFile != null) {
      try {
        return new Vault(Files.readString(masterKeyFile).strip());
      } catch (IOException e) {
        throw new UncheckedIOException("ota.gateway.master-key-file: " + masterKeyFile + " (expected: a file to read)",
            e);
      }
    }
    throw new IllegalArgumentException("ota.gateway.master-key and ota.gateway.master-key-file: "
        + (masterKey == null ? "neither" : "both") + " (expected: one of them)");
  }

  @Override
  public String toString() {
    return "MasterKeyProperties[masterKeyFile=" + masterKeyFile + "]";
  }
}
