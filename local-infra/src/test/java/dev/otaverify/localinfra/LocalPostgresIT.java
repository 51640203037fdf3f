// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.localinfra.LocalPostgres.Config;
import dev.otaverify.localinfra.LocalPostgres.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalPostgresIT {

  @TempDir
  Path dir;

  @Test
  void a_restart_on_the_same_directory_has_the_same_port_and_rows() throws Exception {
    int port;
    try (LocalPostgres postgres = LocalPostgres.start(Config.in(dir))) {
      port = postgres.port();
      write(postgres.endpoint());
      assertThat(query(postgres.endpoint(), "show fsync")).isEqualTo("on");
      assertThat(query(postgres.endpoint(), "show synchronous_commit")).isEqualTo("on");
      assertThat(query(postgres.endpoint(), "show full_page_writes")).isEqualTo("on");
      assertThat(query(postgres.endpoint(), "show server_version")).startsWith("18.");
      assertThatThrownBy(() -> LocalPostgres.start(Config.in(dir))).hasMessageContaining("is in use");
    }

    try (LocalPostgres postgres = LocalPostgres.start(Config.in(dir))) {
      assertThat(postgres.port()).isEqualTo(port);
      assertThat(query(postgres.endpoint(), "select word from kept")).isEqualTo("kept");
    }
  }

  @Test
  void the_server_that_a_killed_owner_left_behind_is_stopped_and_its_rows_are_there() throws Exception {
    long leftBehind;
    try (ChildJvm owner = ChildJvm.start(LocalPostgres.class, "--dir", dir.toString())) {
      assertThat(owner.ready("postgres")).startsWith("127.0.0.1:");
      write(LocalPostgres.endpoint(dir));
      leftBehind = serverPid();
      owner.kill();
    }
    // An open session must not hold up the stop.
    try (Connection open = LocalPostgres.endpoint(dir).connect("postgres");
        LocalPostgres postgres = LocalPostgres.start(Config.in(dir))) {
      assertThat(serverPid()).isNotEqualTo(leftBehind);
      assertThat(open.isValid(1)).isFalse();
      assertThat(query(postgres.endpoint(), "select word from kept")).isEqualTo("kept");
    }
  }

  @Test
  void a_server_that_was_killed_comes_back_with_what_it_committed() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.start(Config.in(dir).mode(Mode.FAST))) {
      write(postgres.endpoint());
      ProcessHandle.of(serverPid()).orElseThrow().destroyForcibly();
    }
    assertThat(dir.resolve("data/postmaster.pid")).exists();

    try (LocalPostgres postgres = LocalPostgres.start(Config.in(dir).mode(Mode.FAST))) {
      assertThat(query(postgres.endpoint(), "select word from kept")).isEqualTo("kept");
    }
  }

  @Test
  void a_stale_file_with_the_number_of_another_process_harms_neither() throws Exception {
    LocalPostgres.start(Config.in(dir).mode(Mode.FAST)).close();
    Files.writeString(dir.resolve("data/postmaster.pid"), ProcessHandle.current().pid() + "\n" + dir.resolve("data"));

    try (LocalPostgres postgres = LocalPostgres.start(Config.in(dir).mode(Mode.FAST))) {
      assertThat(query(postgres.endpoint(), "select 'up'")).isEqualTo("up");
    }
  }

  @Test
  void an_owner_that_is_asked_to_end_stops_the_server() throws Exception {
    try (ChildJvm owner = ChildJvm.start(LocalPostgres.class, "--dir", dir.toString(), "--mode", "fast")) {
      String address = owner.ready("postgres");
      assertThat(address).isEqualTo("127.0.0.1:" + LocalPostgres.endpoint(dir).port());
      assertThat(owner.stop()).isTrue();
      assertThat(dir.resolve("data/postmaster.pid")).doesNotExist();
      assertThat(FreePorts.isFree(LocalPostgres.endpoint(dir).port())).isTrue();
    }
  }

  @Test
  void a_database_is_made_once_and_is_its_roles_alone() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.start(Config.in(dir).mode(Mode.FAST));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> {
          postgres.createDatabase("jobs", "jobs", "it's \"new\"");
          return true;
        });
      }
      for (var call : threads.invokeAll(calls)) {
        assertThat(call.get()).isTrue();
      }
      postgres.createDatabase("other", "other", "secret");

      try (Connection own = DriverManager.getConnection(postgres.jdbcUrl("jobs"), "jobs", "it's \"new\"");
          Statement statement = own.createStatement()) {
        statement.execute("create table mine (id int)");
      }
      assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl("other"), "jobs", "it's \"new\"").close())
          .isInstanceOf(SQLException.class).hasMessageContaining("permission denied");
      assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl("postgres"), "postgres", "guess").close())
          .isInstanceOf(SQLException.class).hasMessageContaining("password authentication failed");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("superuser.password"))))
          .isEqualTo("rw-------");
    }
  }

  private long serverPid() throws Exception {
    List<String> lines = Files.readAllLines(dir.resolve("data/postmaster.pid"));
    return Long.parseLong(lines.getFirst());
  }

  private static void write(PostgresEndpoint endpoint) throws SQLException {
    try (Connection connection = endpoint.connect("postgres"); Statement statement = connection.createStatement()) {
      statement.execute("create table kept (word text)");
      statement.execute("insert into kept values ('kept')");
    }
  }

  private static String query(PostgresEndpoint endpoint, String sql) throws SQLException {
    try (Connection connection = endpoint.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
