// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import io.r2dbc.spi.ConnectionFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.r2dbc.core.DatabaseClient;

/** The store of access keys, for the gateway and for the command that changes it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MasterKeyProperties.class)
class KeyStoreConfiguration {
  @Bean
  KeyStore keyStore(ConnectionFactory database, MasterKeyProperties masterKey) {
    return new KeyStore(DatabaseClient.create(database), masterKey.vault());
  }
}
