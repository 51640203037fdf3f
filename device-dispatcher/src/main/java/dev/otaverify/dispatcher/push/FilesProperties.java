// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

import dev.otaverify.kit.BaseUrl;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where devices download from.
 *
 * @param baseUrl {@link BaseUrl} of the gateway, as devices reach it
 * @param signingKey shared with the gateway, see {@link dev.otaverify.kit.DownloadLinks}; not shown by {@link #toString}
 * @param linkValidity how long a link that was handed to a device is good
 */
@ConfigurationProperties("ota.files")
record FilesProperties(String baseUrl, String signingKey, Duration linkValidity) {

  /** @throws IllegalArgumentException if a value is out of its bounds */
  FilesProperties {
    BaseUrl.parse("ota.files.base-url", baseUrl);
    if (!linkValidity.isPositive()) {
      throw new IllegalArgumentException("ota.files.link-validity: " + linkValidity + " (expected: positive)");
    }
  }

  @Override
  public String toString() {
    return "FilesProperties[" + baseUrl + ", " + linkValidity + "]";
  }
}
