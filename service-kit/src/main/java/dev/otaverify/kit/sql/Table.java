// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A table whose rows are records: component {@code fooBar} is column {@code foo_bar}. A component of a value type is a
 * column of its JSON form (text, numeric, boolean, timestamptz), one of a record or list a column of type jsonb.
 *
 * @param key the columns of the primary key
 */
public record Table<R extends Record>(String name, Class<R> row, List<String> key) {

  /** Copies the key. */
  public Table {
    key = List.copyOf(key);
  }

  /** A table with this primary key. */
  public static <R extends Record> Table<R> of(String name, Class<R> row, String... key) {
    return new Table<>(name, row, List.of(key));
  }

  List<String> columns() {
    return Stream.of(row.getRecordComponents()).map(RecordComponent::getName).map(Table::column).toList();
  }

  private static String column(String component) {
    return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
