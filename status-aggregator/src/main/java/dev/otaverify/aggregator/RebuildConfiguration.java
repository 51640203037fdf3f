// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import io.r2dbc.spi.ConnectionFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Refuses a database that is half rebuilt, before any partition is claimed. */
@Configuration(proxyBeanMethods = false)
class RebuildConfiguration {
  @Bean
  @DependsOnDatabaseInitialization
  SmartInitializingSingleton takeOver(ConnectionFactory database) {
    return () -> new RebuildState(database).takeOver();
  }
}
