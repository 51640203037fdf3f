// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import dev.otaverify.kit.InternalApiConfiguration;
import dev.otaverify.kit.ManagementConfiguration;
import dev.otaverify.kit.ServiceLauncher;
import dev.otaverify.kit.unit.UnitOfWorkConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/** Gives verdicts and answers queries. */
@SpringBootApplication
@Import({ManagementConfiguration.class, UnitOfWorkConfiguration.class, InternalApiConfiguration.class})
public class StatusAggregatorApplication {

  /** Starts it and returns when it is ready. */
  public static ConfigurableApplicationContext start(String... args) {
    return ServiceLauncher.start(StatusAggregatorApplication.class, "status-aggregator", args);
  }

  /** Runs until it is stopped. */
  public static void main(String[] args) {
    start(args);
  }
}
