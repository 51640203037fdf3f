// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/** Whether the database answers, found out within seconds also where it takes connections and never says anything. */
final class DatabaseHealth implements ReactiveHealthIndicator {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final ConnectionFactory database;

  DatabaseHealth(ConnectionFactory database) {
    this.database = database;
  }

  @Override
  public Mono<Health> health() {
    return Mono.usingWhen(database.create(),
        connection -> Mono.from(connection.createStatement("select 1").execute())
            .flatMap(result -> Mono.from(result.map((row, metadata) -> Health.up().build()))),
        connection -> connection.close()).timeout(LIMIT)
        .onErrorResume(failure -> Mono.just(Health.down().withDetail("cause", failure.toString()).build()));
  }
}
