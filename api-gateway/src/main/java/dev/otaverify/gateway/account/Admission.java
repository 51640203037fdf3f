// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.Operation;
import dev.otaverify.contracts.ErrorCode;
import java.time.Duration;
import java.util.Objects;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Admits requests that are proved to be of their caller: each nonce for one request only, and no more calls in any second than the
 * account has, whatever gateway and key they come by. Both are decided by one statement, {@code admit} in the database. If it does
 * not answer, nothing is admitted.
 */
public final class Admission {
  private final DatabaseClient database;
  private final Guard guard;
  private final QuotaProperties quotas;

  Admission(DatabaseClient database, Guard guard, QuotaProperties quotas) {
    this.database = database;
    this.guard = guard;
    this.quotas = quotas;
  }

  private record Verdict(String name, int waitMillis) {}

  /**
   * Decides on a request.
   *
   * @return empty if it is admitted, also if the same was admitted before; else a {@link GatewayException}: {@code Throttling.User},
   *     {@code SignatureNonceUsed}, or {@code ServiceUnavailable}
   */
  public Mono<Void> admit(Caller caller, Operation operation) {
    int quota = quotas.of(caller.account(), operation);
    return guard.run(database.sql("select verdict, wait_ms from admit($1, $2, $3, $4, $5)")
        .bind(0, caller.command().value()).bind(1, caller.fingerprint()).bind(2, caller.account().value())
        .bind(3, operation.action()).bind(4, quota)
        .map(row -> new Verdict(Objects.requireNonNull(row.get("verdict", String.class)),
            Objects.requireNonNull(row.get("wait_ms", Integer.class))))
        .one()).flatMap(verdict -> switch (verdict.name()) {
          case "ADMITTED", "REPEATED" -> Mono.<Void>empty();
          case "THROTTLED" -> Mono.error(GatewayException.throttled(
              operation.action() + ": more than " + quota + " calls per second by account " + caller.account(),
              Duration.ofMillis(verdict.waitMillis())));
          case "USED" -> Mono.error(GatewayException.badRequest(ErrorCode.NONCE_USED.code(),
              "SignatureNonce: used by another request (expected: a new one for each request)"));
          default -> Mono.error(new IllegalStateException("admit: " + verdict));
        });
  }
}
