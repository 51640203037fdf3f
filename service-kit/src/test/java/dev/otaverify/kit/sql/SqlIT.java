// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.net.SocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a message to the database is made of, on a real one. */
class SqlIT {
  private static final String ALL = "select row_to_json(p) from part p order by id";
  private static final Table<Part> PARTS = Table.of("part", Part.class, "id");

  private static TestDatabase database;

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
    connection = connect("?socketTimeout=60&socketFactory=" + CountedSockets.class.getName());
    another = connect();
    sql = new Sql(connection);
    CountedSockets.SENT.set(0);
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
    sql.insert(PARTS, List.of(new Part("b", 3)));
    assertThat(CountedSockets.SENT).hasValue(0);

    assertThat(sql.update("update part set weight = weight + 1")).isEqualTo(2);

    assertThat(CountedSockets.SENT).hasValue(1);
    assertThat(first.get()).containsExactly(new Part("a", 1));
    assertThat(second.get()).containsExactly(new Part("a", 2));
    assertThat(sql.rows(Part.class, ALL)).containsExactly(new Part("a", 3), new Part("b", 4));
    assertThat(CountedSockets.SENT).hasValue(2);
  }

  @Test
  void whatIsPreparedGoesInOneMessageAsWell() throws SQLException {
    for (int i = 0; i < 10; i++) {
      aUnit();
    }
    CountedSockets.SENT.set(0);

    aUnit();

    assertThat(CountedSockets.SENT).hasValue(2);
  }

  private void aUnit() throws SQLException {
    sql.check(row -> row.getInt(1), found -> {}, "select 1");
    sql.rowsLater(Part.class, ALL);
    var rows = sql.rowsLater(Part.class, ALL + " for update");
    assertThat(rows.get()).hasSizeLessThan(2);
    sql.upsert(PARTS, List.of(new Part("a", 1)));
    sql.later("update part set weight = weight + 1");
    sql.commit();
  }

  @Test
  void rowsThatWereNotAskedForBeforeAreReadThen() {
    var rows = sql.rowsLater(Part.class, ALL);

    assertThat(rows.get()).isEmpty();
    assertThat(rows.get()).isEmpty();
    sql.send();

    assertThat(CountedSockets.SENT).hasValue(1);
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
    assertThat(CountedSockets.SENT).hasValue(1);
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
    assertThat(CountedSockets.SENT).hasValue(2);
  }

  @Test
  void rowsThatAreTakenOrMissingFailWhenTheyAreSent() throws SQLException {
    sql.upsert(PARTS, List.of(new Part("a", 1)));
    sql.commit();
    sql.change(PARTS, List.of(new Part("a", 2), new Part("z", 2)));
    assertThatThrownBy(sql::send).hasMessage("part: rows are missing (expected: 2)");

    sql.insert(PARTS, List.of(new Part("a", 2), new Part("b", 2)));

    assertThat(catchThrowableOfType(DatabaseException.class, sql::send).isTaken()).isTrue();
  }

  @Test
  void longAnswersAndLongParametersDoNotWaitForEachOther() {
    var ids = IntStream.range(0, 100_000).mapToObj("part-%08d"::formatted).toList();
    sql.insert(PARTS, ids.stream().map(id -> new Part(id, 1)).toList());
    var reads = IntStream.range(0, 5).mapToObj(i -> sql.rowsLater(Part.class,
        "select row_to_json(p) from part p where id = any(?)", (Object) ids.toArray(String[]::new))).toList();

    assertThat(reads).allSatisfy(read -> assertThat(read.get()).hasSameSizeAs(ids));
    assertThat(CountedSockets.SENT).hasValue(6);
  }

  @Test
  void whatWaitsIsCommittedInTheMessageThatBringsIt() throws SQLException {
    sql.upsert(PARTS, List.of(new Part("a", 1)));
    sql.rowsLater(Part.class, ALL);

    sql.commit();

    assertThat(CountedSockets.SENT).hasValue(1);
    assertThat(rowsSeenByOthers()).containsExactly(new Part("a", 1));
  }

  @Test
  void whatIsCheckedIsCheckedBeforeTheCommit() throws SQLException {
    sql.upsert(PARTS, List.of(new Part("a", 1)));
    sql.check(row -> row.getInt(1), found -> {
      throw new IllegalStateException("not " + found);
    }, "select weight from part");
    assertThatThrownBy(sql::commit).hasMessage("not [1]");
    assertThat(rowsSeenByOthers()).isEmpty();
    connection.rollback();
    sql = new Sql(connection);

    var found = new ArrayList<Integer>();
    sql.check(row -> row.getInt(1), found::addAll, "select 7");
    sql.upsert(PARTS, List.of(new Part("b", 1)));
    sql.commit();

    assertThat(found).containsExactly(7);
    assertThat(rowsSeenByOthers()).containsExactly(new Part("b", 1));
  }

  @Test
  void whatHasFailedIsNotTakenForCommitted() throws SQLException {
    sql.upsert(PARTS, List.of(new Part("a", 1)));
    sql.later("select 1 / 0");
    assertThatThrownBy(sql::commit).hasMessageContaining("division by zero");

    assertThatThrownBy(sql::commit).hasMessageStartingWith("commit: after statements that failed");
    assertThat(rowsSeenByOthers()).isEmpty();
  }

  @Test
  void aTransactionThatAnotherWasFasterThanIsDoneAgainAndSeesWhatThatWrote() throws SQLException {
    var seen = new ArrayList<List<Part>>();
    try (var pool = pool()) {
      var result = pool.transaction(open -> {
        seen.add(open.rows(Part.class, ALL));
        if (seen.getLast().isEmpty()) {
          commitElsewhere(new Part("a", 1));
          open.insert(PARTS, List.of(new Part("a", 2)));
        } else {
          open.insert(PARTS, List.of(new Part("b", 2)));
        }
        return "done";
      });
      assertThat(result).isEqualTo("done");
    }

    assertThat(seen).containsExactly(List.of(), List.of(new Part("a", 1)));
    assertThat(rowsSeenByOthers()).containsExactly(new Part("a", 1), new Part("b", 2));
  }

  @Test
  void aKeyThatIsTakenEachTimeIsAFailureInTheEnd() throws SQLException {
    commitElsewhere(new Part("a", 1));
    var times = new AtomicInteger();
    try (var pool = pool()) {
      assertThatThrownBy(() -> pool.transaction(open -> {
        open.insert(PARTS, List.of(new Part("a", 2)));
        return times.incrementAndGet();
      })).isInstanceOfSatisfying(DatabaseException.class, failure -> assertThat(failure.isTaken()).isTrue());
    }

    assertThat(times).hasValue(5);
  }

  private static Database pool() {
    return new Database(database.jdbcUrl(), database.user(), database.password(), Duration.ofSeconds(10), 1,
        new SimpleMeterRegistry());
  }

  private void commitElsewhere(Part part) {
    try {
      var elsewhere = new Sql(another);
      elsewhere.insert(PARTS, List.of(part));
      elsewhere.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Part> rowsSeenByOthers() throws SQLException {
    another.rollback();
    return new Sql(another).rows(Part.class, ALL);
  }

  private static Connection connect() throws SQLException {
    return connect("");
  }

  private static Connection connect(String parameters) throws SQLException {
    var connection = DriverManager.getConnection(database.jdbcUrl() + parameters, database.user(), database.password());
    connection.setAutoCommit(false);
    return connection;
  }

  /** Counts messages: the driver flushes what it has written when it is to wait for an answer. */
  public static final class CountedSockets extends SocketFactory {
    static final AtomicInteger SENT = new AtomicInteger();

    @Override
    public Socket createSocket() {
      return new Socket() {
        @Override
        public OutputStream getOutputStream() throws IOException {
          return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
              out.write(bytes, from, length);
            }

            @Override
            public void flush() throws IOException {
              SENT.incrementAndGet();
              out.flush();
            }
          };
        }
      };
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException("expected: a socket that is not connected");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
      return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      return createSocket(host.getHostName(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
      return createSocket(host, port);
    }
  }
}
