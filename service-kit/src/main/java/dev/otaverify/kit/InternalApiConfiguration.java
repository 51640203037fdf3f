// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Guards {@code /internal/…} of a service with {@code ota.internal-token}, which has no default. */
@Configuration(proxyBeanMethods = false)
public class InternalApiConfiguration {
  @Bean
  InternalTokenFilter internalTokenFilter(@Value("${ota.internal-token}") String token) {
    if (token.length() < 16) {
      throw new IllegalArgumentException(
          "ota.internal-token: " + token.length() + " characters (expected: 16 or more)");
    }
    return new InternalTokenFilter(token);
  }
}
