// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What stored secrets are sealed with, for the gateway and for the command that changes access keys. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MasterKeyProperties.class)
class VaultConfiguration {
  @Bean
  Vault vault(MasterKeyProperties masterKey) {
    return masterKey.vault();
  }
}
