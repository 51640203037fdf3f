// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.gateway.api.ApiException;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What becomes of calls: {@code ota.gateway.calls} by action and outcome, {@code ota.gateway.errors} by the code of the
 * answer. Both are of few values: actions that do not exist are not told apart, and codes are those of docs/API.md.
 */
final class CallMetrics {
  private static final String NO_ACTION = "none";
  private static final Duration[] BUCKETS = {Duration.ofMillis(50), Duration.ofMillis(250), Duration.ofSeconds(1),
      Duration.ofSeconds(5)};
  /** What alerts ask for, so there from the start: a first increase of a counter that was not there is not seen as one. */
  private static final List<String> WATCHED = List.of(GatewayException.outcomeUnknown().code(),
      GatewayException.unavailable("").code(), GatewayException.throttled("", Duration.ZERO).code(), "InternalError");

  private final MeterRegistry registry;

  /** How a call ended. */
  private enum Outcome {
    OK,
    /** By a rule of the domain, as HTTP 200. */
    REFUSED,
    /** For its form or its caller. */
    REJECTED,
    /** By the account's quota. */
    THROTTLED,
    /** Certainly nothing was done. */
    UNAVAILABLE,
    /** Passed on, and no answer came. */
    UNKNOWN,
    /** By a bug. */
    FAILED
  }

  CallMetrics(MeterRegistry registry) {
    this.registry = registry;
    WATCHED.forEach(this::errors);
  }

  Timer.Sample begin() {
    return Timer.start(registry);
  }

  void succeeded(Timer.Sample call, String action) {
    end(call, action, Outcome.OK);
  }

  void failed(Timer.Sample call, String action, ApiException failure) {
    errors(failure.code()).increment();
    end(call, action, outcome(failure));
  }

  private void end(Timer.Sample call, String action, Outcome outcome) {
    call.stop(Timer.builder("ota.gateway.calls")
        .description("Calls of the API, from reading to the answer")
        .tag("action", action.isEmpty() ? NO_ACTION : action)
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .serviceLevelObjectives(BUCKETS).register(registry));
  }

  private Counter errors(String code) {
    return Counter.builder("ota.gateway.errors").description("Calls that were answered with an error, by its code")
        .tag("code", code).register(registry);
  }

  private static Outcome outcome(ApiException failure) {
    return switch (failure) {
      case RefusedException refused -> Outcome.REFUSED;
      case GatewayException throttled when throttled.code().startsWith("Throttling.") -> Outcome.THROTTLED;
      case GatewayException unknown when unknown.code().endsWith(".OutcomeUnknown") -> Outcome.UNKNOWN;
      case GatewayException unavailable when unavailable.status() == 503 -> Outcome.UNAVAILABLE;
      case GatewayException failed when failed.status() >= 500 -> Outcome.FAILED;
      case GatewayException rejected -> Outcome.REJECTED;
    };
  }
}
