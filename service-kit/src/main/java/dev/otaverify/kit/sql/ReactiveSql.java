// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Parameters;
import io.r2dbc.spi.Statement;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * SQL on one connection, for requests, whose threads must not wait. Parameters are {@code $1}, {@code $2}, …; arrays ({@code String[]})
 * bind to SQL arrays.
 */
public final class ReactiveSql {
  private final Connection connection;

  /** @param connection is used, never closed */
  public ReactiveSql(Connection connection) {
    this.connection = connection;
  }

  /** Runs a statement and says how many rows it changed. */
  public Mono<Long> update(String sql, Object... parameters) {
    return Flux.from(bind(sql, parameters).execute()).flatMap(result -> result.getRowsUpdated())
        .reduce(0L, Long::sum);
  }

  /**
   * Reads rows. The query selects {@code row_to_json(t)} of each row as its only column, such as
   * {@code select row_to_json(t) from task t where task_id = any($1) order by task_id for update}.
   */
  public <R> Mono<List<R>> rows(Class<R> row, String sql, Object... parameters) {
    return Flux.from(bind(sql, parameters).execute())
        .flatMap(result -> result.map((r, metadata) -> r.get(0, String.class)))
        .map(json -> Table.ROWS.readValue(json, row)).collectList();
  }

  private Statement bind(String sql, Object... parameters) {
    var statement = connection.createStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.bind(i, parameters[i] instanceof Class<?> type ? Parameters.in(type) : parameters[i]);
    }
    return statement;
  }
}
