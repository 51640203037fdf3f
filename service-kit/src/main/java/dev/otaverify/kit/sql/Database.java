// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A service's database for threads that wait, with a few connections that are kept. Whether it answers shows at the first use. */
public final class Database implements AutoCloseable {
  /** The most that a connection is waited for. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  /** Each time a row that was in the way has been committed by then, so the next time sees it; more is a rule broken. */
  private static final int TIMES = 5;

  private final HikariDataSource pool;

  /**
   * One that nothing is asked of yet.
   *
   * @param url of JDBC
   * @param user its owner
   * @param limit the most that a transaction may take: the server ends a longer one, and an answer that is a second later is not waited for
   * @param most connections at a time
   */
  public Database(String url, String user, String password, Duration limit, int most, MeterRegistry registry) {
    var settings = new HikariConfig();
    settings.setPoolName("units");
    settings.setJdbcUrl(url);
    settings.setUsername(user);
    settings.setPassword(password);
    settings.setAutoCommit(false);
    settings.setMaximumPoolSize(most);
    settings.setMinimumIdle(1);
    settings.setConnectionTimeout(PATIENCE.toMillis());
    settings.setValidationTimeout(PATIENCE.toMillis() / 2);
    settings.setInitializationFailTimeout(-1);
    settings.addDataSourceProperty("socketTimeout", Long.toString(limit.plusSeconds(1).plusMillis(999).toSeconds()));
    // Every statement of a unit goes by keys, so one plan is good for all of them: the server would make a new one each time, which takes longer
    // than a small unit's statement, since with one key it looks cheaper. The plan may be made while a table is empty, and is kept until long after.
    settings.addDataSourceProperty("options", serverLimits(limit).entrySet().stream()
        .map(timeout -> "-c " + timeout.getKey() + "=" + timeout.getValue())
        .collect(Collectors.joining(" ", "", " -c enable_seqscan=off -c plan_cache_mode=force_generic_plan")));
    settings.setMetricRegistry(registry);
    this.pool = new HikariDataSource(settings);
  }

  /** What the server must be told so that it ends each transaction after this time. */
  public static Map<String, String> serverLimits(Duration limit) {
    var milliseconds = limit.toMillis() + "ms";
    return Map.of("transaction_timeout", milliseconds, "idle_in_transaction_session_timeout", milliseconds,
        "statement_timeout", milliseconds);
  }

  /**
   * Does this in a transaction of its own, and commits it. After a failure it is rolled back; if that was because another transaction has committed a
   * row with a unique key that was to be written, it is done again from the beginning, some times.
   *
   * @param work has no effect but through the transaction, and may run several times
   * @throws DatabaseException if the database does not answer, or refuses something; after one while it is committed nobody knows whether it was
   */
  public <R> R transaction(Function<Sql, R> work) {
    for (int time = 1;; time++) {
      try {
        return once(work);
      } catch (DatabaseException failure) {
        if (!failure.isTaken() || time == TIMES) {
          throw failure;
        }
      }
    }
  }

  private <R> R once(Function<Sql, R> work) {
    try (var connection = pool.getConnection()) {
      boolean committed = false;
      try {
        var sql = new Sql(connection);
        var result = work.apply(sql);
        sql.commit();
        committed = true;
        return result;
      } finally {
        if (!committed) {
          rollBack(connection);
        }
      }
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  private static void rollBack(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException broken) {
      // The pool closes it, and with it what was begun.
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
