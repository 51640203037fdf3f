// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.function.Function;
import org.flywaydb.core.Flyway;

/** A real database with the tables of the service. */
public final class TestRows {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  public final ConnectionFactory connections;
  private final Database rows;

  /** A fresh one. */
  public TestRows() {
    TestDatabase database = TestInfra.freshDatabase("aggregator");
    Flyway.configure().dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("classpath:db/service-kit", "classpath:db/status-aggregator").load().migrate();
    connections = new PostgresqlConnectionFactory(PostgresqlConnectionConfiguration.builder().host(database.host())
        .port(database.port()).database(database.database()).username(database.user()).password(database.password())
        .build());
    rows = new Database(database.jdbcUrl(), database.user(), database.password(), LIMIT, 4, new SimpleMeterRegistry());
  }

  /** Does this in a transaction of its own. */
  public <R> R inTransaction(Function<Sql, R> work) {
    return rows.transaction(work);
  }
}
