// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.aggregator.Rebuild;
import dev.otaverify.localinfra.LocalPostgres;
import dev.otaverify.localinfra.PostgresEndpoint;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * {@code ./ota rebuild}: the aggregator's tables built anew from the topics, in a database beside the one in use; and taking that into use
 * while status-aggregator is stopped.
 */
final class RebuildCommand {
  private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("'_until_'yyyyMMdd'T'HHmmss")
      .withZone(ZoneOffset.UTC);

  private final Settings settings;
  private final PrintStream out;
  private final String live = Part.STATUS_AGGREGATOR.database();
  private final String rebuilt = live + "_rebuilt";

  RebuildCommand(Settings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
  }

  /** Builds it while everything runs, and says whether it is the same as the one in use. */
  boolean build() {
    postgres().createDatabase(rebuilt, live, settings.databasePassword());
    var result = Rebuild.run(Part.STATUS_AGGREGATOR.arguments(settings));
    result.print(out);
    return result.isEqual();
  }

  /**
   * Takes it into use. What was in use is kept under another name. PostgreSQL runs meanwhile, or is started for it.
   *
   * @throws IllegalStateException if none has been rebuilt to the end, or status-aggregator runs
   */
  @SuppressWarnings("try") // the server works by being there
  void takeIntoUse() throws Exception {
    var former = live + SUFFIX.format(Instant.now());
    try (var server = server()) {
      refuseHalfRebuilt();
      try (var connection = postgres().connect("postgres"); var statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("alter database " + live + " rename to " + former);
        statement.execute("alter database " + rebuilt + " rename to " + live);
        connection.commit();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("databases: " + e.getMessage() + " (expected: " + rebuilt
          + ", built by ./ota rebuild, and a status-aggregator that is stopped)", e);
    }
    out.println(live + " is the rebuilt one now; what was in use is kept as " + former);
  }

  private void refuseHalfRebuilt() throws SQLException {
    try (var connection = postgres().connect(rebuilt);
        var statement = connection.createStatement();
        var row = statement.executeQuery("select finished from rebuild")) {
      if (!row.next() || !row.getBoolean(1)) {
        throw new IllegalStateException(
            "database: " + rebuilt + " is half rebuilt (expected: ./ota rebuild until it has finished)");
      }
    }
  }

  /** The one that runs, else one that is started and stopped again. */
  private AutoCloseable server() {
    try {
      return postgres().connect("postgres");
    } catch (SQLException notRunning) {
      return Part.POSTGRES.start(settings);
    }
  }

  private PostgresEndpoint postgres() {
    return LocalPostgres.endpoint(settings.dir().resolve("postgres"));
  }
}
