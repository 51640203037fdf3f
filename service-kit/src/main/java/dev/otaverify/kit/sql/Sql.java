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
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * SQL in one transaction, for threads that wait. Parameters are {@code ?}; arrays ({@code String[]}, {@code Integer[]}, {@code Long[]},
 * {@code Boolean[]}) bind to SQL arrays, so that many keys are one statement: {@code where id = any(?)}. Rows are records, see {@link Table}.
 *
 * <p>
 * Statements whose result is not needed yet wait for the next one whose result is, or for the commit, and go to the server with it, in one
 * message: a round trip takes longer than most of them. They are run one after the other, each seeing what was committed when it begins; if one
 * fails, those behind it are not run, the commit neither.
 *
 * <p>
 * All methods throw {@link DatabaseException}, which may be about a statement that waited.
 */
public final class Sql {
  /**
   * Characters of parameters in one message. The server answers the first statement before it has read the last: what is behind must fit in
   * what networks hold, or each would wait for the other to read.
   */
  private static final int LONGEST = 32 * 1024;
  private static final int OF_A_NUMBER = 8;

  private final Connection connection;
  private final List<Statement> waiting = new ArrayList<>();
  private boolean failed;

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

  /** Takes its result from a statement of JDBC that stands at it. */
  @FunctionalInterface
  private interface ResultTaker {
    void take(PreparedStatement result) throws SQLException;
  }

  /**
   * One that waits.
   *
   * @param length characters of its parameters
   */
  private record Statement(String sql, List<@Nullable Object> parameters, int length, ResultTaker taker,
      boolean isChecked) {}

  private static int lengthOf(@Nullable Object[] parameters) {
    int length = 0;
    for (@Nullable
    var parameter : parameters) {
      length += switch (parameter) {
        case String text -> text.length();
        case byte[] bytes -> bytes.length;
        case Object[] elements -> lengthOf(elements);
        case null -> 0;
        case Object number -> OF_A_NUMBER;
      };
    }
    return length;
  }

  /** Runs a statement and says how many rows it changed. */
  public long update(String sql, @Nullable Object... parameters) {
    var changed = new AtomicLong();
    add(result -> changed.set(result.getLargeUpdateCount()), false, sql, parameters);
    send();
    return changed.get();
  }

  /** Runs a statement, not necessarily at once. */
  public void later(String sql, @Nullable Object... parameters) {
    add(nothing -> {}, false, sql, parameters);
  }

  /** Reads rows. */
  public <V> List<V> query(RowReader<V> reader, String sql, @Nullable Object... parameters) {
    return queryLater(reader, sql, parameters).get();
  }

  /**
   * Reads rows. The query selects {@code row_to_json(t)} of each row as its only column, such as
   * {@code select row_to_json(t) from task t where task_id = any(?) order by task_id for update}.
   */
  public <R> List<R> rows(Class<R> row, String sql, @Nullable Object... parameters) {
    return rowsLater(row, sql, parameters).get();
  }

  /** Reads rows, as {@link #rows} does, when they are asked for or earlier. */
  public <R> Supplier<List<R>> rowsLater(Class<R> row, String sql, @Nullable Object... parameters) {
    return queryLater(fromJson(row), sql, parameters);
  }

  /** Reads rows, as {@link #rows} does, not necessarily at once, and says which there are. */
  public <R> void each(Class<R> row, Consumer<R> found, String sql, @Nullable Object... parameters) {
    var reader = fromJson(row);
    add(result -> read(result, reader).forEach(found), false, sql, parameters);
  }

  /**
   * Reads rows, not necessarily at once, on which it depends whether anything may be committed.
   *
   * @param check is given them before anything is read that is asked for later, and forbids the commit by failing
   */
  public <V> void check(RowReader<V> reader, Consumer<List<V>> check, String sql, @Nullable Object... parameters) {
    add(result -> check.accept(read(result, reader)), true, sql, parameters);
  }

  private <V> Supplier<List<V>> queryLater(RowReader<V> reader, String sql, @Nullable Object... parameters) {
    var read = new AtomicReference<@Nullable List<V>>();
    add(result -> read.set(read(result, reader)), false, sql, parameters);
    return () -> {
      send();
      @Nullable
      List<V> rows = read.get();
      if (rows == null) {
        throw new IllegalStateException("rows: not read (expected: that no statement before it has failed): " + sql);
      }
      return rows;
    };
  }

  private static <R> RowReader<R> fromJson(Class<R> row) {
    return result -> Table.ROWS.readValue(result.getBytes(1), row);
  }

  private static <V> List<V> read(PreparedStatement result, RowReader<V> reader) throws SQLException {
    try (var found = result.getResultSet()) {
      var rows = new ArrayList<V>();
      while (found.next()) {
        rows.add(reader.read(found));
      }
      return rows;
    }
  }

  /** Writes rows, new ones and changed ones, with one statement, not necessarily at once. No two may have the same key. */
  public <R extends Record> void upsert(Table<R> table, Collection<R> rows) {
    if (!rows.isEmpty()) {
      later(table.upsert(), table.arrays(rows));
    }
  }

  /** Changes rows that there are, with one statement, not necessarily at once; the table may have fewer columns here than it has. */
  public <R extends Record> void change(Table<R> table, Collection<R> rows) {
    if (!rows.isEmpty()) {
      add(result -> {
        if (result.getLargeUpdateCount() < rows.size()) {
          throw new IllegalStateException(table.name() + ": rows are missing (expected: " + rows.size() + ")");
        }
      }, true, table.change(), table.arrays(rows));
    }
  }

  /**
   * Inserts rows, with one statement, not necessarily at once. If one breaks a unique index, since an earlier row, or one of the same call, is in
   * its place, it fails: {@link DatabaseException#isTaken()}.
   */
  public <R extends Record> void insert(Table<R> table, Collection<R> rows) {
    if (!rows.isEmpty()) {
      later(table.insert(), table.arrays(rows));
    }
  }

  /** @param isChecked whether the result may forbid the commit, by the taker's failing */
  private void add(ResultTaker taker, boolean isChecked, String sql, @Nullable Object... parameters) {
    int length = lengthOf(parameters);
    if (waiting.stream().mapToInt(Statement::length).sum() + length > LONGEST) {
      send();
    }
    waiting.add(new Statement(sql, Arrays.asList(parameters), length, taker, isChecked));
  }

  /** Runs what waits. */
  public void send() {
    if (waiting.isEmpty()) {
      return;
    }
    var statements = List.copyOf(waiting);
    waiting.clear();
    failed = true;
    // The driver sends what is between semicolons as statements of their own, each prepared for itself.
    try (var all = connection
        .prepareStatement(statements.stream().map(Statement::sql).collect(Collectors.joining(";\n")))) {
      int number = 0;
      for (var statement : statements) {
        for (var parameter : statement.parameters()) {
          number++;
          bind(all, number, parameter);
        }
      }
      all.execute();
      for (var statement : statements) {
        statement.taker().take(all);
        all.getMoreResults();
      }
      failed = false;
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /**
   * Runs what waits, and commits, in one message if nothing that waits is to be checked before.
   *
   * @throws IllegalStateException if what was run last has failed: the server would roll back, and not tell
   */
  void commit() throws SQLException {
    if (failed) {
      throw new IllegalStateException("commit: after statements that failed (expected: that they are rolled back)");
    }
    if (waiting.stream().noneMatch(Statement::isChecked)) {
      later("commit");
    }
    send();
    // Sends nothing if that was the commit, but the pool is to know of it.
    connection.commit();
  }

  /** Rows as one parameter, for {@code json_to_recordset(?::json)}. */
  public static String json(Collection<?> rows) {
    return Table.ROWS.writeValueAsString(rows);
  }

  private void bind(PreparedStatement statement, int number, @Nullable Object parameter) throws SQLException {
    statement.setObject(number, switch (parameter) {
      case String[] texts -> connection.createArrayOf("text", texts);
      case Integer[] numbers -> connection.createArrayOf("int4", numbers);
      case Long[] numbers -> connection.createArrayOf("int8", numbers);
      case Boolean[] flags -> connection.createArrayOf("bool", flags);
      case Instant at -> OffsetDateTime.ofInstant(at, ZoneOffset.UTC);
      case null -> null;
      case Object other -> other;
    });
  }
}
