// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.kit.ManagementConfiguration;
import dev.otaverify.kit.ServiceLauncher;
import dev.otaverify.kit.unit.UnitOfWorkConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/** Runs the gateway. */
@SpringBootApplication
@ConfigurationPropertiesScan
@Import({UnitOfWorkConfiguration.class, ManagementConfiguration.class})
public class ApiGatewayApplication {

  /** Starts it and returns when it takes requests. */
  public static ConfigurableApplicationContext start(String... args) {
    return ServiceLauncher.start(ApiGatewayApplication.class, "api-gateway", args);
  }

  /** Starts it. */
  public static void main(String[] args) {
    start(args);
  }
}
