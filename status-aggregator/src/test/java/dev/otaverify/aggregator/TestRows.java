// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import dev.otaverify.kit.sql.Sql;
import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import reactor.core.publisher.Mono;

/** A real database with the tables of the service. */
public final class TestRows {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  public final ConnectionFactory connections;

  /** A fresh one. */
  public TestRows() {
    TestDatabase database = TestInfra.freshDatabase("aggregator");
    Flyway.configure().dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("classpath:db/service-kit", "classpath:db/status-aggregator").load().migrate();
    connections = new PostgresqlConnectionFactory(PostgresqlConnectionConfiguration.builder().host(database.host())
        .port(database.port()).database(database.database()).username(database.user()).password(database.password())
        .build());
  }

  /** Does this in a transaction of its own. */
  public <R> R inTransaction(Function<Sql, Mono<R>> work) {
    return Objects.requireNonNull(Mono.usingWhen(connections.create(),
        connection -> Mono.from(connection.beginTransaction()).then(Mono.defer(() -> work.apply(new Sql(connection))))
            .delayUntil(done -> connection.commitTransaction()),
        Connection::close, (connection, failure) -> Mono.from(connection.rollbackTransaction())
            .then(Mono.from(connection.close())),
        Connection::close).block(LIMIT));
  }
}
