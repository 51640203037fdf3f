// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

/**
 * A database for one test.
 *
 * @param user its owner, and nobody beyond it
 */
public record TestDatabase(String host, int port, String database, String user, String password) {

  /** For JDBC, without credentials. */
  public String jdbcUrl() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }

  /** For R2DBC, without credentials. */
  public String r2dbcUrl() {
    return "r2dbc:postgresql://" + host + ":" + port + "/" + database;
  }
}
