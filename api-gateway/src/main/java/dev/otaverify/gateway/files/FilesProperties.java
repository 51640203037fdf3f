// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where firmware files are, and how they come and go. All gateways must see the same directory.
 *
 * @param directory where they are kept; made if it is not there
 * @param baseUrl how clients reach this gateway, without a slash at the end
 * @param signingKey signs upload forms and download links, 16 characters or more; the dispatcher has the same
 * @param maxSize of one file
 * @param formValidity how long an upload may begin after its form was given out
 */
@ConfigurationProperties("ota.files")
public record FilesProperties(Path directory, @DefaultValue("http://127.0.0.1:8080") String baseUrl, String signingKey,
    @DefaultValue("1000MB") DataSize maxSize, @DefaultValue("5m") Duration formValidity) {

  /** @throws IllegalArgumentException if a value is out of its bounds; the message does not show the key */
  public FilesProperties {
    check(signingKey.length() >= 16, "signing-key", signingKey.length() + " characters", "16 or more");
    check(!baseUrl.endsWith("/"), "base-url", baseUrl, "no slash at the end");
    check(maxSize.toBytes() > 0, "max-size", maxSize, "more than 0");
    check(formValidity.isPositive(), "form-validity", formValidity, "more than 0");
  }

  @Override
  public String toString() {
    return "FilesProperties[directory=" + directory + ", baseUrl=" + baseUrl + ", maxSize=" + maxSize
        + ", formValidity=" + formValidity + "]";
  }

  private static void check(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("ota.files." + name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
