// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * Where a PostgreSQL server answers, with a role that may do everything.
 *
 * @param user a superuser
 * @param password of that superuser
 */
public record PostgresEndpoint(String host, int port, String user, String password) {

  // Any number, the same in every process that creates databases.
  private static final long CREATING = 0x07A_DB;

  /** For JDBC, without credentials. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }

  /** For R2DBC, without credentials. */
  public String r2dbcUrl(String database) {
    return "r2dbc:postgresql://" + host + ":" + port + "/" + database;
  }

  /**
   * Makes sure that the role exists and logs in with this password, and that the database exists and is the role's. Nobody else but a
   * superuser may connect to it. Does no harm when all of that is so already, nor when several call it at once.
   *
   * @throws IllegalStateException when the server refuses
   */
  public void createDatabase(String name, String role, String rolePassword) {
    try (Connection connection = connect("postgres"); Statement statement = connection.createStatement()) {
      // Held to the end of the session; "create role if not exists" does not exist, and two at once would collide.
      statement.execute("select pg_advisory_lock(" + CREATING + ")");
      boolean roleExists = exists(connection, "select from pg_roles where rolname = ?", role);
      statement.execute((roleExists ? "alter" : "create") + " role " + identifier(role) + " login password "
          + literal(rolePassword));
      if (!exists(connection, "select from pg_database where datname = ?", name)) {
        statement.execute("create database " + identifier(name) + " owner " + identifier(role));
      }
      statement.execute("revoke all on database " + identifier(name) + " from public");
    } catch (SQLException e) {
      throw new IllegalStateException("database: " + name + " (expected: a server that creates it)", e);
    }
  }

  /** A connection of the superuser to a database; the caller closes it. */
  public Connection connect(String database) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("loginTimeout", "10");
    return DriverManager.getConnection(jdbcUrl(database), properties);
  }

  private static boolean exists(Connection connection, String query, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Without the password. */
  @Override
  public String toString() {
    return user + "@" + host + ":" + port;
  }
}
