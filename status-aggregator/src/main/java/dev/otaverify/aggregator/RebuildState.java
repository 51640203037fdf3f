// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Whether a database is one that {@link Rebuild} makes: it has a table {@code rebuild} then, with one row.
 *
 * <pre>
 * empty ──begin──▶ under way ──finish──▶ finished ──begin──▶ under way, …
 *                      │ a start of the service is refused      │ a start of the service
 *                                                               ▼
 *                                                          in use: no table, and is never rebuilt
 * </pre>
 */
final class RebuildState {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ConnectionFactory database;

  RebuildState(ConnectionFactory database) {
    this.database = database;
  }

  /** @throws IllegalStateException if a service has worked on the database */
  void begin() {
    if (finished().isEmpty() && number("select count(*) from consumer_position") > 0) {
      throw new IllegalStateException(
          "ota.rebuild.database: a service has worked on it (expected: an empty one, or one that was only rebuilt)");
    }
    execute("create table if not exists rebuild (finished boolean not null)");
    execute("delete from rebuild");
    execute("insert into rebuild values (false)");
  }

  void finish() {
    execute("update rebuild set finished = true");
  }

  /**
   * From now on it is the service's.
   *
   * @throws IllegalStateException if it is half rebuilt
   */
  void takeOver() {
    if (!finished().orElse(true)) {
      throw new IllegalStateException(
          "ota.database.name: a database that is half rebuilt (expected: run the rebuild until it has finished)");
    }
    execute("drop table if exists rebuild");
  }

  private Optional<Boolean> finished() {
    return number("select count(*) from pg_class where oid = to_regclass('rebuild')") == 0
        ? Optional.empty()
        : Optional.of(number("select count(*) from rebuild where finished") == 1);
  }

  private long number(String query) {
    @Nullable
    Long number = inConnection(connection -> Mono.from(connection.createStatement(query).execute())
        .flatMap(result -> Mono.from(result.map((row, metadata) -> row.get(0, Long.class)))));
    return number == null ? 0 : number;
  }

  private void execute(String statement) {
    inConnection(connection -> Flux.from(connection.createStatement(statement).execute())
        .flatMap(result -> result.getRowsUpdated()).then());
  }

  private <R> @Nullable R inConnection(Function<Connection, Mono<R>> work) {
    return Mono.usingWhen(database.create(), work, Connection::close).block(PATIENCE);
  }
}
