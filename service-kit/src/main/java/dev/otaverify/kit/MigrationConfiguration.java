// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import dev.otaverify.kit.Migration.OnceMigrated;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Migrates once the service is wired, and not while it is being wired, which would need the database. */
@Configuration(proxyBeanMethods = false)
public class MigrationConfiguration {
  @Bean
  FlywayMigrationStrategy notWhileWiring() {
    return flyway -> {};
  }

  @Bean
  Migration migration(Flyway flyway, ObjectProvider<OnceMigrated> steps) {
    return new Migration(flyway, steps.orderedStream().toList());
  }
}
