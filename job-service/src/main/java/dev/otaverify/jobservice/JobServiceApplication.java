// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice;

import dev.otaverify.kit.InternalApiConfiguration;
import dev.otaverify.kit.ManagementConfiguration;
import dev.otaverify.kit.ServiceLauncher;
import dev.otaverify.kit.unit.UnitOfWorkConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/** The service. */
@SpringBootApplication
@ConfigurationPropertiesScan
@Import({ManagementConfiguration.class, InternalApiConfiguration.class, UnitOfWorkConfiguration.class})
public class JobServiceApplication {

  /** Starts it with {@code --name=value} arguments and returns when it is ready. */
  public static ConfigurableApplicationContext start(String... args) {
    return ServiceLauncher.start(JobServiceApplication.class, "job-service", args);
  }

  /** Starts it. */
  public static void main(String... args) {
    start(args);
  }
}
