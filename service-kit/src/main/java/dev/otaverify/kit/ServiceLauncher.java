// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts a service. Several may run in one JVM from one class path, so each reads its own configuration file,
 * {@code NAME.yml}, on top of {@code service-kit.yml}.
 */
public final class ServiceLauncher {
  private ServiceLauncher() {}

  /**
   * Starts it and returns when its database is ready; until then it answers {@code /livez}, and {@code /readyz} with no.
   *
   * @param name of the service, such as {@code job-service}
   * @param args properties as {@code --name=value}
   */
  public static ConfigurableApplicationContext start(Class<?> application, String name, String... args) {
    var context = new SpringApplicationBuilder(application)
        .properties("spring.config.name=service-kit," + name, "spring.application.name=" + name).run(args);
    try {
      context.getBeanProvider(Migration.class).ifAvailable(Migration::await);
      return context;
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }
}
