// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import dev.otaverify.contracts.Wire;
import io.r2dbc.postgresql.codec.Json;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Parameters;
import io.r2dbc.spi.Statement;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * SQL on one connection. Parameters are {@code $1}, {@code $2}, …; arrays ({@code String[]}) bind to SQL arrays, so that
 * many keys are one statement: {@code where id = any($1)}. Rows are records, see {@link Table}.
 */
public final class Sql {
  private static final JsonMapper ROWS = Wire.JSON.rebuild()
      .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final Connection connection;

  /** @param connection is used, never closed */
  public Sql(Connection connection) {
    this.connection = connection;
  }

  /** Runs a statement and says how many rows it changed. */
  public Mono<Long> update(String sql, Object... parameters) {
    return Flux.from(bind(sql, parameters).execute()).flatMap(result -> result.getRowsUpdated())
        .reduce(0L, Long::sum);
  }

  /**
   * Reads rows. The query selects {@code to_jsonb(t)} of each row as its only column, such as
   * {@code select to_jsonb(t) from task t where task_id = any($1) order by task_id for update}.
   */
  public <R> Mono<List<R>> rows(Class<R> row, String sql, Object... parameters) {
    return Flux.from(bind(sql, parameters).execute())
        .flatMap(result -> result.map((r, metadata) -> r.get(0, String.class)))
        .map(json -> ROWS.readValue(json, row)).collectList();
  }

  /** Writes rows, new ones and changed ones, with one statement. No two may have the same key. */
  public <R extends Record> Mono<Long> upsert(Table<R> table, Collection<R> rows) {
    if (rows.isEmpty()) {
      return Mono.just(0L);
    }
    var updates = table.columns().stream().filter(column -> !table.key().contains(column))
        .map(column -> column + " = excluded." + column).collect(Collectors.joining(", "));
    return update(insert(table) + " on conflict (" + String.join(", ", table.key()) + ") do "
        + (updates.isEmpty() ? "nothing" : "update set " + updates), json(rows));
  }

  /**
   * Inserts the rows that break no unique index, and says how many: what is missing was taken, by an earlier row or by one of the same
   * call.
   */
  public <R extends Record> Mono<Long> insertNew(Table<R> table, Collection<R> rows) {
    return rows.isEmpty() ? Mono.just(0L) : update(insert(table) + " on conflict do nothing", json(rows));
  }

  private static String insert(Table<?> table) {
    var columns = String.join(", ", table.columns());
    return "insert into " + table.name() + " (" + columns + ") select " + columns
        + " from jsonb_populate_recordset(null::"
        + table.name() + ", $1::jsonb)";
  }

  /** Rows as one parameter, for {@code jsonb_to_recordset($1::jsonb)}. */
  public static Json json(Collection<?> rows) {
    return Json.of(ROWS.writeValueAsString(rows));
  }

  private Statement bind(String sql, Object... parameters) {
    var statement = connection.createStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.bind(i, parameters[i] instanceof Class<?> type ? Parameters.in(type) : parameters[i]);
    }
    return statement;
  }
}
