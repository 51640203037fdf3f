// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.api.GatewayException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** The way to the database: waits for it so long, and not at all after it failed often. */
record Guard(CircuitBreaker breaker, Duration timeout) {
  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

  /** What the statement gives, or that the request was not passed on. */
  <T> Mono<T> run(Mono<T> statement) {
    return unlessOpen(statement.timeout(timeout));
  }

  /** The same of one that ends by itself in time. */
  <T> Mono<T> unlessOpen(Mono<T> statement) {
    return statement.transformDeferred(CircuitBreakerOperator.of(breaker)).onErrorMap(error -> {
      if (!(error instanceof CallNotPermittedException)) {
        LOG.atWarn().log("Accounts cannot be read: {}", error.toString());
      }
      return GatewayException.unavailable("The database of accounts");
    });
  }
}
