// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a message to the database is made of, on a real one. */
class SqlIT {
  private static final String ALL = "select row_to_json(p) from part p order by id";
  private static final Table<Part> PARTS = Table.of("part", Part.class, "id");

  private static TestDatabase database;

  private final List<String> messages = new ArrayList<>();
  private Connection connection;
  private Connection another;
  private Sql sql;

  record Part(String id, int weight) {}

  @BeforeAll
  static void start() throws SQLException {
    database = TestInfra.freshDatabase("sql");
    try (var connection = connect(); var statement = connection.createStatement()) {
      statement.execute("create table part (id text primary key, weight integer not null)");
      connection.commit();
    }
  }

  @BeforeEach
  void open() throws SQLException {
    connection = connect();
    another = connect();
    sql = new Sql(counted(connection));
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    try (var statement = another.createStatement()) {
      statement.execute("truncate part");
      another.commit();
    } finally {
      another.close();
    }
  }

  @Test
  void whatWaitsGoesWithTheNextStatementWhoseResultIsAskedForInOneMessageAndInItsOrder() {
    sql.upsert(PARTS, List.of(new Part("a", 1)));
    var first = sql.rowsLater(Part.class, ALL);
    sql.later("update part set weight = ? where id = any(?)", 2, new String[]{"a"});
    var second = sql.rowsLater(Part.class, ALL);
    sql.insert(PARTS, List.of(new Part("b", 3)), IllegalStateException::new);
    assertThat(messages).isEmpty();

    assertThat(sql.update("update part set weight = weight + 1")).isEqualTo(2);

    assertThat(messages).hasSize(1);
    assertThat(first.get()).containsExactly(new Part("a", 1));
    assertThat(second.get()).containsExactly(new Part("a", 2));
    assertThat(sql.rows(Part.class, ALL)).containsExactly(new Part("a", 3), new Part("b", 4));
    assertThat(messages).hasSize(2);
  }

  @Test
  void rowsThatWereNotAskedForBeforeAreReadThen() {
    var rows = sql.rowsLater(Part.class, ALL);

    assertThat(rows.get()).isEmpty();
    assertThat(rows.get()).isEmpty();
    sql.send();

    assertThat(messages).hasSize(1);
  }

  @Test
  void aStatementSeesWhatTheFormerHolderOfALockCommittedWhileOneBeforeItWaited() throws Exception {
    try (var statement = another.createStatement()) {
      statement.execute("insert into part values ('lock', 1)");
      another.commit();
      statement.execute("select from part where id = 'lock' for update");
      statement.execute("insert into part values ('new', 2)");
    }
    sql.later("set local lock_timeout = '30s'");
    sql.rowsLater(Part.class, "select row_to_json(p) from part p where id = 'lock' for update");
    var after = sql.rowsLater(Part.class, "select row_to_json(p) from part p where id = 'new'");
    var waits = CompletableFuture.supplyAsync(after);
    try (var third = connect()) {
      third.setAutoCommit(true);
      await().until(() -> new Sql(third).query(row -> row.getLong(1),
          "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
          .equals(List.of(1L)));
    }

    another.commit();

    assertThat(waits.join()).containsExactly(new Part("new", 2));
    assertThat(messages).hasSize(1);
  }

  @Test
  void ifOneFailsThoseBehindItAreNotRun() {
    sql.later("savepoint before");
    sql.later("insert into part values ('a', 1)");
    sql.later("insert into part values ('a', 2)");
    var behind = sql.rowsLater(Part.class, ALL);

    var failure = catchThrowableOfType(DatabaseException.class, sql::send);

    assertThat(failure.isTaken()).isTrue();
    sql.later("rollback to savepoint before");
    sql.later("insert into part values ('b', 1)");
    assertThat(sql.rows(Part.class, ALL)).containsExactly(new Part("b", 1));
    assertThatThrownBy(behind::get).isInstanceOf(IllegalStateException.class).hasMessageStartingWith("rows: not read");
    assertThat(messages).hasSize(2);
  }

  @Test
  void rowsThatAreTakenOrMissingFailWhenTheyAreSent() {
    sql.upsert(PARTS, List.of(new Part("a", 1)));
    sql.insert(PARTS, List.of(new Part("a", 2), new Part("b", 2)), () -> new IllegalStateException("taken"));
    assertThatThrownBy(sql::send).hasMessage("taken");

    sql.change(PARTS, List.of(new Part("a", 2), new Part("z", 2)));
    assertThatThrownBy(sql::send).hasMessage("part: rows are missing (expected: 2)");
  }

  @Test
  void longAnswersAndLongParametersDoNotWaitForEachOther() {
    var ids = IntStream.range(0, 100_000).mapToObj("part-%08d"::formatted).toList();
    sql.insert(PARTS, ids.stream().map(id -> new Part(id, 1)).toList(), IllegalStateException::new);
    var reads = IntStream.range(0, 5).mapToObj(i -> sql.rowsLater(Part.class,
        "select row_to_json(p) from part p where id = any(?)", (Object) ids.toArray(String[]::new))).toList();

    assertThat(reads).allSatisfy(read -> assertThat(read.get()).hasSameSizeAs(ids));
    assertThat(messages).hasSize(6);
  }

  @Test
  void whatWaitsIsRunBeforeTheCommit() throws SQLException {
    try (var pool = new Database(database.jdbcUrl(), database.user(), database.password(), Duration.ofSeconds(10), 1,
        new SimpleMeterRegistry())) {
      var result = pool.transaction(open -> {
        open.upsert(PARTS, List.of(new Part("a", 1)));
        return "done";
      });
      assertThat(result).isEqualTo("done");
    }

    assertThat(sql.rows(Part.class, ALL)).containsExactly(new Part("a", 1));
  }

  private static Connection connect() throws SQLException {
    var connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    connection.setAutoCommit(false);
    return connection;
  }

  /** Notes what statements are made of. */
  private Connection counted(Connection counted) {
    return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{Connection.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("prepareStatement")) {
            messages.add((String) arguments[0]);
          }
          try {
            return method.invoke(counted, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }
}
