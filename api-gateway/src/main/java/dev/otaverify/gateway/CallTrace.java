// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.kit.trace.Traces;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.observation.DefaultServerRequestObservationConvention;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.web.server.ServerWebExchange;

/** The span of a call, which is named after its action: all calls have the same path. */
final class CallTrace {
  private static final String ACTION = "ota.action";

  private CallTrace() {}

  /** The trace context that the call's span is, in the W3C form; if it has none, one that nobody records, of the caller's trace or a new one. */
  static String parent(ServerWebExchange exchange, Map<String, String> headers) {
    return observation(exchange).map(CallTrace::span).map(span -> of(span.context()))
        .orElseGet(() -> unrecorded(Traces.traceId(headers)));
  }

  /** Names the span. */
  static void name(ServerWebExchange exchange, String action) {
    observation(exchange).ifPresent(context -> context.put(ACTION, action));
  }

  /** Takes the names. */
  static final class Convention extends DefaultServerRequestObservationConvention {
    @Override
    public @Nullable String getContextualName(ServerRequestObservationContext context) {
      @Nullable
      String action = context.get(ACTION);
      return action == null ? super.getContextualName(context) : action;
    }
  }

  private static @Nullable Span span(ServerRequestObservationContext context) {
    @Nullable
    TracingContext tracing = context.get(TracingContext.class);
    @Nullable
    Span span = tracing == null ? null : tracing.getSpan();
    return span == null || span.isNoop() ? null : span;
  }

  private static Optional<ServerRequestObservationContext> observation(ServerWebExchange exchange) {
    return ServerRequestObservationContext.findCurrent(exchange.getAttributes());
  }

  private static String of(TraceContext context) {
    return "00-" + context.traceId() + "-" + context.spanId()
        + (Boolean.TRUE.equals(context.sampled()) ? "-01" : "-00");
  }

  /** @param trace empty for a new one */
  private static String unrecorded(String trace) {
    var random = ThreadLocalRandom.current();
    var hex = HexFormat.of();
    // The lowest bit set: an id of zeros would mean none.
    return "00-"
        + (trace.isEmpty() ? hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1) : trace)
        + "-" + hex.toHexDigits(random.nextLong() | 1) + "-00";
  }
}
