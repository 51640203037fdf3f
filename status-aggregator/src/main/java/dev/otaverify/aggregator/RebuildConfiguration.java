// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import dev.otaverify.kit.Migration.OnceMigrated;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Refuses a database that is half rebuilt, before any partition is claimed. */
@Configuration(proxyBeanMethods = false)
class RebuildConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(RebuildConfiguration.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  @Bean
  OnceMigrated takeOver(ConnectionFactory database) {
    return () -> takeOver(new RebuildState(database));
  }

  /** Waits for a database that is away, as the migration before it does. */
  private static void takeOver(RebuildState state) {
    while (true) {
      try {
        state.takeOver();
        return;
      } catch (R2dbcException away) {
        LOG.atWarn().addKeyValue("cause", away.toString()).log("waiting for the database");
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("stopped while waiting for the database", stopping);
      }
    }
  }
}
