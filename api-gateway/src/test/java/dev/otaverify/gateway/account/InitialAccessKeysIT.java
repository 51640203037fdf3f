// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.gateway.auth.AccessKey;
import dev.otaverify.testinfra.TestInfra;
import io.r2dbc.spi.ConnectionFactories;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.springframework.r2dbc.core.DatabaseClient;

/** Not with whole gateways: one that does not start takes the threads of all others in its JVM with it. */
class InitialAccessKeysIT {
  private static final String MASTER_KEY = "0123456789abcdef0123456789abcdef";
  private static final AccessKey KEY = new AccessKey("key-1", "secret-1", new AccountId("acme"));

  private final DatabaseClient database;

  InitialAccessKeysIT() {
    var fresh = TestInfra.freshDatabase("initial-access-keys");
    Flyway.configure().dataSource(fresh.jdbcUrl(), fresh.user(), fresh.password()).locations("classpath:db/api-gateway")
        .load().migrate();
    database = DatabaseClient.create(ConnectionFactories.get("r2dbc:postgresql://" + fresh.user() + ":"
        + fresh.password() + "@" + fresh.host() + ":" + fresh.port() + "/" + fresh.database()));
  }

  @Test
  void theyAreStoredAtTheFirstStartAndTheSameAtTheNext() {
    start(MASTER_KEY);
    start(MASTER_KEY);

    assertThat(database.sql("select id from access_key").map(row -> row.get(0, String.class)).all().collectList()
        .block()).containsExactly("key-1");
  }

  @Test
  void aStartWithAnotherMasterKeyFailsAndNamesTheSetting() {
    start(MASTER_KEY);

    assertThatThrownBy(() -> start("another-master-key-another-master")).isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("ota.gateway.master-key: another than");
  }

  private void start(String masterKey) {
    new InitialAccessKeys(new KeyStore(database, new Vault(masterKey)), List.of(KEY)).run();
  }
}
