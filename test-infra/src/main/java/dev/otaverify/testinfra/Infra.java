// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

import dev.otaverify.localinfra.PostgresEndpoint;
import org.jspecify.annotations.Nullable;

/** One way to run the two servers. */
sealed interface Infra permits EmbeddedInfra, ContainerInfra {

  /** Called once at most; returns the bootstrap servers when the broker serves. */
  String startKafka();

  /** Called once at most; returns when the server takes connections. */
  PostgresEndpoint startPostgres();

  static Infra choose(String wish) {
    return switch (wish) {
      case "containers" -> new ContainerInfra();
      case "embedded" -> new EmbeddedInfra();
      case "auto" -> {
        String obstacle = obstacleToContainers();
        if (obstacle == null) {
          yield new ContainerInfra();
        }
        System.out.println("infra: embedded Kafka and PostgreSQL (" + obstacle + ")");
        yield new EmbeddedInfra();
      }
      default -> throw new IllegalArgumentException("infra: " + wish + " (expected: auto, embedded or containers)");
    };
  }

  private static @Nullable String obstacleToContainers() {
    // Testcontainers itself looks for an engine long and loudly.
    DockerEngine engine = DockerEngine.find();
    if (engine == null) {
      return "no Docker engine answers";
    }
    for (String image : ContainerInfra.images()) {
      if (!engine.hasOrPulls(image)) {
        return "Docker has no image " + image + " and cannot pull it";
      }
    }
    return ContainerInfra.works() ? null : "Testcontainers cannot use the Docker engine that answers";
  }
}
