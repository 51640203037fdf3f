// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.GatewayProperties;
import dev.otaverify.gateway.auth.AccessKeys;
import dev.otaverify.gateway.operation.Operations;
import dev.otaverify.kit.retention.Kept;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.Map;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.r2dbc.ConnectionFactoryBuilder;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.r2dbc.core.DatabaseClient;

/** Who may call, and how often. */
@Configuration(proxyBeanMethods = false)
class AccountConfiguration {
  /** Beyond twice the window, for the time that a request is under way. */
  private static final Duration SLACK = Duration.ofMinutes(1);
  private static final Duration QUOTA = Duration.ofDays(1);

  /** Connections that every call needs, so nothing else takes them; with limits of their own. */
  @Bean(defaultCandidate = false)
  ConnectionPool accountDatabase(ConnectionFactory database, R2dbcProperties settings, GatewayProperties properties) {
    var limit = properties.accountTimeout().toMillis() + "ms";
    var connections = ConnectionFactoryBuilder.derivedFrom(database)
        .configure(options -> options.option(PostgresqlConnectionFactoryProvider.OPTIONS,
            Map.of("statement_timeout", limit, "transaction_timeout", limit,
                // What a crash of the server takes back are admissions of less than a second. A request of those that comes
                // again is still one and the same to job-service.
                "synchronous_commit", "off")))
        .build();
    var pool = settings.getPool();
    return new ConnectionPool(ConnectionPoolConfiguration.builder(connections).initialSize(pool.getInitialSize())
        .maxSize(properties.accountConnections()).maxAcquireTime(pool.getMaxAcquireTime())
        .maxLifeTime(pool.getMaxLifeTime()).build());
  }

  @Bean
  KeyStore keyStore(@Qualifier("accountDatabase") ConnectionFactory database, Vault vault) {
    return new KeyStore(DatabaseClient.create(database), vault);
  }

  @Bean
  Guard accountGuard(CircuitBreakerRegistry breakers, GatewayProperties properties) {
    return new Guard(breakers.circuitBreaker("accounts"), properties.accountTimeout());
  }

  @Bean
  AccessKeys accessKeys(KeyStore store, Guard accountGuard) {
    return new StoredAccessKeys(store, accountGuard);
  }

  @Bean
  InitialAccessKeys initialAccessKeys(KeyStore store, GatewayProperties properties) {
    return new InitialAccessKeys(store, properties.accessKeys());
  }

  @Bean
  Admission admission(@Qualifier("accountDatabase") ConnectionFactory database, Guard accountGuard,
      QuotaProperties quotas, Operations operations) {
    quotas.checkNames(operations.all().keySet());
    return new Admission(DatabaseClient.create(database), accountGuard, quotas);
  }

  /** The nonce of a request, as long as the request is valid. */
  @Bean
  Kept signedRequests(GatewayProperties properties) {
    return Kept.rows("signed-requests", properties.timestampWindow().multipliedBy(2).plus(SLACK), 10_000,
        "signed_request", "id", "admitted_at");
  }

  /** What an account has called, which says no more after a second. One that never called has nothing to go by, and stays. */
  @Bean
  Kept quotas() {
    return new Kept("quotas", QUOTA, 1_000,
        """
        delete from quota where (account, action) in (
          select account, action from quota where admitted[cardinality(admitted)] < now() - make_interval(secs => $1)
          limit $2 for update skip locked)""");
  }
}
