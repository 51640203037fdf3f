// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import dev.otaverify.contracts.Wire;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * A table whose rows are records: component {@code fooBar} is column {@code foo_bar}. A component of a value type is a
 * column of its JSON form (text, numeric, boolean, timestamptz), one of a record or list a column of type jsonb.
 *
 * @param key the columns of the primary key
 */
public record Table<R extends Record>(String name, Class<R> row, List<String> key) {

  static final JsonMapper ROWS = Wire.JSON.rebuild().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
      .build();

  /** Copies the key. */
  public Table {
    key = List.copyOf(key);
  }

  /** A table with this primary key. */
  public static <R extends Record> Table<R> of(String name, Class<R> row, String... key) {
    return new Table<>(name, row, List.of(key));
  }

  /** Writes rows, given as a JSON array, new ones and changed ones. */
  String upsert() {
    var updates = columns().stream().filter(column -> !key.contains(column))
        .map(column -> column + " = excluded." + column).collect(Collectors.joining(", "));
    return insert() + " on conflict (" + String.join(", ", key) + ") do "
        + (updates.isEmpty() ? "nothing" : "update set " + updates);
  }

  /** Writes rows, given as a JSON array, that break no unique index. */
  String insertNew() {
    return insert() + " on conflict do nothing";
  }

  /** Changes these columns of rows that there are, given as a JSON array. */
  String change() {
    var changed = columns().stream().filter(column -> !key.contains(column))
        .map(column -> column + " = n." + column).collect(Collectors.joining(", "));
    return "update " + name + " t set " + changed + " from jsonb_populate_recordset(null::" + name
        + ", ?::jsonb) n where "
        + key.stream().map(column -> "t." + column + " = n." + column).collect(Collectors.joining(" and "));
  }

  private String insert() {
    var columns = String.join(", ", columns());
    return "insert into " + name + " (" + columns + ") select " + columns + " from jsonb_populate_recordset(null::"
        + name + ", ?::jsonb)";
  }

  private List<String> columns() {
    return Stream.of(row.getRecordComponents()).map(RecordComponent::getName).map(Table::column).toList();
  }

  private static String column(String component) {
    return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
