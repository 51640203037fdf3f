// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SQL in one transaction, for threads that wait. Parameters are {@code ?}; arrays ({@code String[]}, {@code Integer[]}, {@code Long[]},
 * {@code Boolean[]}) bind to SQL arrays, so that many keys are one statement: {@code where id = any(?)}. Rows are records, see {@link Table}.
 * All methods throw {@link DatabaseException}.
 */
public final class Sql {
  private final Connection connection;

  /** @param connection is used, never closed */
  public Sql(Connection connection) {
    this.connection = connection;
  }

  /** Reads what a row has to say. */
  @FunctionalInterface
  public interface RowReader<V> {
    /** Reads the row that the result stands at. */
    V read(ResultSet row) throws SQLException;
  }

  /** Runs a statement and says how many rows it changed. */
  public long update(String sql, @Nullable Object... parameters) {
    try (var statement = bind(sql, parameters)) {
      return statement.executeLargeUpdate();
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** Reads rows. */
  public <V> List<V> query(RowReader<V> reader, String sql, @Nullable Object... parameters) {
    try (var statement = bind(sql, parameters); var found = statement.executeQuery()) {
      var rows = new ArrayList<V>();
      while (found.next()) {
        rows.add(reader.read(found));
      }
      return rows;
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /**
   * Reads rows. The query selects {@code row_to_json(t)} of each row as its only column, such as
   * {@code select row_to_json(t) from task t where task_id = any(?) order by task_id for update}.
   */
  public <R> List<R> rows(Class<R> row, String sql, @Nullable Object... parameters) {
    return query(found -> Table.ROWS.readValue(found.getBytes(1), row), sql, parameters);
  }

  /** Writes rows, new ones and changed ones, with one statement. No two may have the same key. */
  public <R extends Record> void upsert(Table<R> table, Collection<R> rows) {
    if (!rows.isEmpty()) {
      update(table.upsert(), table.arrays(rows));
    }
  }

  /** Changes rows that there are, with one statement; the table may have fewer columns here than it has. */
  public <R extends Record> void change(Table<R> table, Collection<R> rows) {
    if (!rows.isEmpty() && update(table.change(), table.arrays(rows)) < rows.size()) {
      throw new IllegalStateException(table.name() + ": rows are missing (expected: " + rows.size() + ")");
    }
  }

  /**
   * Inserts the rows that break no unique index, and says how many: what is missing was taken, by an earlier row or by one of the same
   * call.
   */
  public <R extends Record> long insertNew(Table<R> table, Collection<R> rows) {
    return rows.isEmpty() ? 0 : update(table.insertNew(), table.arrays(rows));
  }

  /** Rows as one parameter, for {@code json_to_recordset(?::json)}. */
  public static String json(Collection<?> rows) {
    return Table.ROWS.writeValueAsString(rows);
  }

  private PreparedStatement bind(String sql, @Nullable Object... parameters) throws SQLException {
    var statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, switch (parameters[i]) {
        case String[] texts -> connection.createArrayOf("text", texts);
        case Integer[] numbers -> connection.createArrayOf("int4", numbers);
        case Long[] numbers -> connection.createArrayOf("int8", numbers);
        case Boolean[] flags -> connection.createArrayOf("bool", flags);
        case Instant at -> OffsetDateTime.ofInstant(at, ZoneOffset.UTC);
        case null -> null;
        case Object other -> other;
      });
    }
    return statement;
  }
}
