// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.Operation;
import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.kit.Together;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Admits requests that are proved to be of their caller: each nonce for one request only, and no more calls in any second than the
 * account has, whatever gateway and key they come by. Both are decided by {@code admit} in the database, for all
 * requests that wait at the same time with one statement. If it does not answer, nothing is admitted.
 */
public final class Admission {
  private static final int AT_ONCE = 256;
  private static final Duration QUOTA_OF = Duration.ofSeconds(1);
  // Gateways take the locks of what is decided in one order.
  private static final Comparator<Request> ORDER = Comparator.comparing(Request::account).thenComparing(Request::action)
      .thenComparing(Request::id);
  private static final String ADMIT = """
                                      select n, verdict, wait_ms
                                      from unnest($1, $2, $3, $4, $5) with ordinality as r (id, print, account, action, quota, n),
                                        lateral admit(id, print, account, action, quota)""";

  private final DatabaseClient database;
  private final Guard guard;
  private final QuotaProperties quotas;
  /** When calls of an account to an operation were refused last, as nanoTime. */
  private final Map<Limited, Long> throttledAt = new ConcurrentHashMap<>();
  private final Together<Request, Verdict> together = new Together<>(this::decide, AT_ONCE);

  Admission(DatabaseClient database, Guard guard, QuotaProperties quotas) {
    this.database = database;
    this.guard = guard;
    this.quotas = quotas;
  }

  private record Request(String id, String fingerprint, String account, String action, int quota) {}

  private record Limited(AccountId account, String action) {
    static Limited of(Caller caller, Operation operation) {
      return new Limited(caller.account(), operation.action());
    }
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
    var request = new Request(caller.command().value(), caller.fingerprint(), caller.account().value(),
        operation.action(), quota);
    return guard.unlessOpen(together.ask(request)).flatMap(verdict -> switch (verdict.name()) {
      case "ADMITTED", "REPEATED" -> Mono.<Void>empty();
      case "THROTTLED" -> {
        throttledAt.put(Limited.of(caller, operation), System.nanoTime());
        yield Mono.error(GatewayException.throttled(
            operation.action() + ": more than " + quota + " calls per second by account " + caller.account(),
            Duration.ofMillis(verdict.waitMillis())));
      }
      case "USED" -> Mono.error(GatewayException.badRequest(ErrorCode.NONCE_USED.code(),
          "SignatureNonce: used by another request (expected: a new one for each request)"));
      default -> Mono.error(new IllegalStateException("admit: " + verdict));
    });
  }

  /** Whether this gateway has refused such a call within the second that a quota is of: then the next one may well be refused, too. */
  public boolean isThrottled(Caller caller, Operation operation) {
    @Nullable
    Long at = throttledAt.get(Limited.of(caller, operation));
    return at != null && System.nanoTime() - at < QUOTA_OF.toNanos();
  }

  private Mono<List<Verdict>> decide(List<Request> requests) {
    // The verdicts go back to the places that the requests came from.
    var places = IntStream.range(0, requests.size()).boxed().sorted(Comparator.comparing(requests::get, ORDER))
        .toList();
    var sorted = places.stream().map(requests::get).toList();
    return database.sql(ADMIT).bind(0, texts(sorted, Request::id)).bind(1, texts(sorted, Request::fingerprint))
        .bind(2, texts(sorted, Request::account)).bind(3, texts(sorted, Request::action))
        .bind(4, sorted.stream().map(Request::quota).toArray(Integer[]::new))
        .map(row -> Map.entry(places.get((int) (value(row, "n", Long.class) - 1)),
            new Verdict(value(row, "verdict", String.class), value(row, "wait_ms", Integer.class))))
        .all().collectMap(Map.Entry::getKey, Map.Entry::getValue)
        .map(verdicts -> IntStream.range(0, requests.size()).mapToObj(place -> present(verdicts.get(place))).toList())
        .timeout(guard.timeout());
  }

  private static String[] texts(List<Request> requests, Function<Request, String> column) {
    return requests.stream().map(column).toArray(String[]::new);
  }

  private static <V> V value(Readable row, String column, Class<V> type) {
    return present(row.get(column, type));
  }

  private static <V> V present(@Nullable V value) {
    return Objects.requireNonNull(value, "admit: nothing said of a request");
  }
}
