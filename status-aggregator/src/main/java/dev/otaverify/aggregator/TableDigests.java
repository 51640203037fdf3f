// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * All tables of an aggregator's database at one moment, so that two databases can be compared.
 *
 * @param positions where it is in each partition
 * @param tables of each the rows and a digest of all their columns; neither the order of rows nor that of columns matters
 */
record TableDigests(Map<TopicPartition, Long> positions, SortedMap<String, Digest> tables) {

  record Digest(long rows, String digest) {}

  /** Reads them in one transaction. */
  static TableDigests of(String url, String user, String password) throws SQLException {
    try (var connection = DriverManager.getConnection(url, user, password)) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try (var statement = connection.createStatement()) {
        var positions = new HashMap<TopicPartition, Long>();
        try (var rows = statement.executeQuery("select topic, partition, position from consumer_position")) {
          while (rows.next()) {
            positions.put(new TopicPartition(rows.getString(1), rows.getInt(2)), rows.getLong(3));
          }
        }
        var names = new ArrayList<String>();
        try (var rows = statement
            .executeQuery("""
                          select quote_ident(table_name) from information_schema.tables
                          where table_schema = current_schema() and table_type = 'BASE TABLE'
                            and table_name not in ('consumer_position', 'rebuild', 'flyway_schema_history')""")) {
          while (rows.next()) {
            names.add(rows.getString(1));
          }
        }
        var tables = new TreeMap<String, Digest>();
        for (var table : names) {
          try (var row = statement
              .executeQuery("""
                            select count(*), to_hex(mod(coalesce(sum(hashtextextended(to_jsonb(t)::text, 0)), 0),
                              9223372036854775807)::bigint) from %s t""".formatted(table))) {
            row.next();
            tables.put(table, new Digest(row.getLong(1), row.getString(2)));
          }
        }
        return new TableDigests(positions, tables);
      } finally {
        connection.rollback();
      }
    }
  }

  /** Whether it is at or beyond these positions. */
  boolean hasReached(Map<TopicPartition, Long> others) {
    return others.entrySet().stream().allMatch(other -> positions.getOrDefault(other.getKey(), 0L) >= other.getValue());
  }
}
