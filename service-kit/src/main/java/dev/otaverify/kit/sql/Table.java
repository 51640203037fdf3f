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
 * @param <R> a row; the table may have more columns
 */
@SuppressWarnings("UnusedTypeParameter") // says which rows may be written to it
public final class Table<R extends Record> {
  static final JsonMapper ROWS = Wire.JSON.rebuild().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
      .build();

  private final String name;
  private final String upsert;
  private final String insertNew;
  private final String change;

  private Table(String name, List<String> columns, List<String> key) {
    var all = String.join(", ", columns);
    var others = columns.stream().filter(column -> !key.contains(column)).toList();
    var insert = "insert into %1$s (%2$s) select %2$s from json_populate_recordset(null::%1$s, ?::json) on conflict "
        .formatted(name, all);
    this.name = name;
    this.upsert = insert + "(" + String.join(", ", key) + ") do "
        + (others.isEmpty() ? "nothing" : "update set " + each(others, "%1$s = excluded.%1$s", ", "));
    this.insertNew = insert + "do nothing";
    this.change = "update %1$s t set %2$s from json_populate_recordset(null::%1$s, ?::json) n where %3$s".formatted(
        name,
        each(others, "%1$s = n.%1$s", ", "), each(key, "t.%1$s = n.%1$s", " and "));
  }

  /**
   * A table with this primary key.
   *
   * @param key its columns
   */
  public static <R extends Record> Table<R> of(String name, Class<R> row, String... key) {
    return new Table<>(name,
        Stream.of(row.getRecordComponents()).map(RecordComponent::getName).map(Table::column).toList(), List.of(key));
  }

  /** As the database knows it. */
  public String name() {
    return name;
  }

  /** Writes rows, given as a JSON array, new ones and changed ones. */
  String upsert() {
    return upsert;
  }

  /** Writes rows, given as a JSON array, that break no unique index. */
  String insertNew() {
    return insertNew;
  }

  /** Changes these columns of rows that there are, given as a JSON array. */
  String change() {
    return change;
  }

  private static String each(List<String> columns, String form, String between) {
    return columns.stream().map(form::formatted).collect(Collectors.joining(between));
  }

  private static String column(String component) {
    return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
