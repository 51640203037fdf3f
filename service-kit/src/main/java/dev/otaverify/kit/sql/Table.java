// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.otaverify.contracts.Wire;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * A table whose rows are records: component {@code fooBar} is column {@code foo_bar}. A component of a value type is a
 * column of its JSON form (text, int, bigint, boolean, timestamptz), one of a record, list or map a column of type json or jsonb.
 *
 * @param <R> a row; the table may have more columns
 */
public final class Table<R extends Record> {
  static final JsonMapper ROWS = Wire.JSON.rebuild().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
      .build();

  private final String name;
  private final List<Column> columns;
  private final String upsert;
  private final String insert;
  private final String change;

  private Table(String name, List<Column> columns, List<String> key) {
    var names = columns.stream().map(Column::name).toList();
    var all = String.join(", ", names);
    var rows = "(select %s from unnest(%s) as n (%s))".formatted(
        columns.stream().map(Column::read).collect(Collectors.joining(", ")), each(names, "?", ", "), all);
    var others = names.stream().filter(column -> !key.contains(column)).toList();
    this.name = name;
    this.columns = columns;
    this.insert = "insert into %s (%s) %s".formatted(name, all, rows);
    this.upsert = insert + " on conflict (" + String.join(", ", key) + ") do "
        + (others.isEmpty() ? "nothing" : "update set " + each(others, "%1$s = excluded.%1$s", ", "));
    this.change = "update %s t set %s from %s n where %s".formatted(name, each(others, "%1$s = n.%1$s", ", "), rows,
        each(key, "t.%1$s = n.%1$s", " and "));
  }

  /**
   * A table with this primary key.
   *
   * @param key its columns
   */
  public static <R extends Record> Table<R> of(String name, Class<R> row, String... key) {
    return new Table<>(name, Stream.of(row.getRecordComponents()).map(Column::of).toList(), List.of(key));
  }

  /** As the database knows it. */
  public String name() {
    return name;
  }

  /** Writes rows, given as {@link #arrays}, new ones and changed ones. */
  String upsert() {
    return upsert;
  }

  /** Writes new rows, given as {@link #arrays}. */
  String insert() {
    return insert;
  }

  /** Changes these columns of rows that there are, given as {@link #arrays}. */
  String change() {
    return change;
  }

  /** The rows as parameters: one array for each column. */
  Object[] arrays(Collection<R> rows) {
    return columns.stream().map(column -> column.of(rows)).toArray();
  }

  private static String each(List<String> columns, String form, String between) {
    return columns.stream().map(form::formatted).collect(Collectors.joining(between));
  }

  /**
   * A component and its column.
   *
   * @param read the column of an element of its array; pgjdbc sends texts as they are, but would have to quote what it has no type for
   * @param array of that many elements
   * @param form a value as an element of it
   */
  private record Column(String name, Function<Object, @Nullable Object> component, String read,
      IntFunction<Object[]> array,
      Function<Object, Object> form) {

    static Column of(RecordComponent component) {
      var name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
      var accessor = function(component.getAccessor());
      var type = component.getType();
      if (type == int.class || type == Integer.class) {
        return new Column(name, accessor, name, Integer[]::new, Function.identity());
      }
      if (type == long.class || type == Long.class) {
        return new Column(name, accessor, name, Long[]::new, Function.identity());
      }
      if (type == boolean.class || type == Boolean.class) {
        return new Column(name, accessor, name, Boolean[]::new, Function.identity());
      }
      var cast = type == Instant.class ? "::timestamptz" : isText(type) ? "" : "::json";
      return new Column(name, accessor, cast.isEmpty() ? name : name + cast + " as " + name, String[]::new,
          text(type));
    }

    private static boolean isText(Class<?> type) {
      return type == String.class || type == Duration.class || type.isEnum() || plainValue(type).isPresent();
    }

    /** The JSON form of its values; what is a JSON string, without quotes. */
    private static Function<Object, Object> text(Class<?> type) {
      if (type.isEnum()) {
        return value -> ((Enum<?>) value).name();
      }
      if (type == String.class || type == Duration.class || type == Instant.class) {
        return Object::toString;
      }
      return plainValue(type).<Function<Object, Object>>map(accessor -> value -> String.valueOf(accessor.apply(value)))
          .orElse(ROWS::writeValueAsString);
    }

    /** What its JSON form is, if that is one plain value. */
    private static Optional<Function<Object, @Nullable Object>> plainValue(Class<?> type) {
      return Stream.of(type.getMethods()).filter(method -> method.isAnnotationPresent(JsonValue.class)).findFirst()
          .map(Column::function);
    }

    Object[] of(Collection<? extends Record> rows) {
      return rows.stream().map(row -> {
        @Nullable
        Object value = component.apply(row);
        return value == null ? null : form.apply(value);
      }).toArray(array);
    }

    /** The method as if it were written here: reflection takes several times as long. The records need not be public. */
    @SuppressWarnings("unchecked")
    private static Function<Object, @Nullable Object> function(Method accessor) {
      try {
        var lookup = MethodHandles.privateLookupIn(accessor.getDeclaringClass(), MethodHandles.lookup());
        var handle = lookup.unreflect(accessor);
        return (Function<Object, @Nullable Object>) LambdaMetafactory.metafactory(lookup, "apply",
            MethodType.methodType(Function.class), MethodType.methodType(Object.class, Object.class), handle,
            handle.type().wrap()).getTarget().invokeExact();
      } catch (Throwable e) {
        throw new IllegalStateException(accessor + ": not readable (expected: that of a record)", e);
      }
    }
  }
}
