// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.Operation;
import dev.otaverify.contracts.ErrorCode;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Admits requests that are proved to be of their caller: each nonce for one request only, and no more calls in any second than the
 * account has, whatever gateway and key they come by. Both are decided by one statement, {@code admit} in the database. If it does
 * not answer, nothing is admitted.
 */
public final class Admission implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
  private static final Duration CLEANING = Duration.ofMinutes(1);
  private static final int CLEANED_AT_ONCE = 10_000;

  private final DatabaseClient database;
  private final Guard guard;
  private final QuotaProperties quotas;
  private final Duration memory;
  private final Disposable cleaning;

  /** @param memory how long a nonce is remembered: as long as a request that was signed with it is valid */
  Admission(DatabaseClient database, Guard guard, QuotaProperties quotas, Duration memory) {
    this.database = database;
    this.guard = guard;
    this.quotas = quotas;
    this.memory = memory;
    this.cleaning = Flux.interval(CLEANING).onBackpressureDrop()
        .concatMap(tick -> clean().onErrorResume(error -> {
          LOG.atWarn().log("Old signed requests were not removed: {}", error.toString());
          return Mono.just(0L);
        })).subscribe();
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

  /** Forgets requests that are valid no more, in bounded steps, and none that another gateway forgets right now; says how many. */
  public Mono<Long> clean() {
    return step().expand(removed -> removed < CLEANED_AT_ONCE ? Mono.empty() : step()).reduce(0L, Long::sum);
  }

  private Mono<Long> step() {
    return database.sql("delete from signed_request where id in (select id from signed_request"
        + " where admitted_at < now() - make_interval(secs => $1) order by admitted_at limit $2 for update skip locked)")
        .bind(0, (double) memory.toSeconds()).bind(1, CLEANED_AT_ONCE).fetch().rowsUpdated();
  }

  @Override
  public void close() {
    cleaning.dispose();
  }
}
