// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import dev.otaverify.kit.Migration.OnceMigrated;
import io.r2dbc.spi.ConnectionFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Refuses a database that is half rebuilt, before any partition is claimed. */
@Configuration(proxyBeanMethods = false)
class RebuildConfiguration {
  @Bean
  OnceMigrated takeOver(ConnectionFactory database) {
    return new RebuildState(database)::takeOver;
  }
}
