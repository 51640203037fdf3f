// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows in any number, made by the server from one that a service wrote itself: all columns are as in that row but those that are named. */
final class Copies {
  private final Connection connection;
  private final String table;
  private final Map<String, String> columns;

  private Copies(Connection connection, String table, Map<String, String> columns) {
    this.connection = connection;
    this.table = table;
    this.columns = columns;
  }

  /** Copies within a table; in all expressions its row is {@code t}. */
  static Copies in(Connection connection, String table) throws SQLException {
    var columns = new LinkedHashMap<String, String>();
    try (var found = connection.getMetaData().getColumns(null, connection.getSchema(), table, null)) {
      while (found.next()) {
        if (found.getString("IS_GENERATEDCOLUMN").equals("NO")) {
          var column = found.getString("COLUMN_NAME");
          columns.put(column, "t." + column);
        }
      }
    }
    return new Copies(connection, table, columns);
  }

  /** This column is different. */
  Copies but(String column, String expression) {
    if (columns.replace(column, expression) == null) {
      throw new IllegalArgumentException("column: " + column + " (expected: one of " + columns.keySet() + ")");
    }
    return this;
  }

  /** These columns, which hold a time or nothing, are so much earlier. */
  Copies earlier(String interval, String... times) {
    for (var time : times) {
      but(time, "t." + time + " - " + interval);
    }
    return this;
  }

  /**
   * Makes them.
   *
   * @param from where the rows to copy are, as {@code t}, and what they are to be crossed with
   * @throws IllegalStateException if not so many were made
   */
  void make(String from, long expected) throws SQLException {
    List<String> names = new ArrayList<>(columns.keySet());
    try (var statement = connection.createStatement()) {
      long made = statement.executeLargeUpdate("insert into %s (%s) select %s from %s".formatted(table,
          String.join(", ", names), String.join(", ", columns.values()), from));
      if (made != expected) {
        throw new IllegalStateException("%s: %d rows (expected: %d)".formatted(table, made, expected));
      }
      statement.execute("vacuum analyze " + table);
    }
  }
}
