// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.observation.DefaultServerRequestObservationConvention;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.web.reactive.function.server.ServerRequest;

/** The span of a call, which is named after its action: all calls have the same path. */
final class CallTrace {
  private static final String ACTION = "ota.action";

  private CallTrace() {}

  /** The trace context that the call's span is, in the W3C form; one that nobody records if the call has no span. */
  static String parent(ServerRequest request) {
    return observation(request).map(CallTrace::span).map(span -> of(span.context())).orElseGet(CallTrace::unrecorded);
  }

  /** Names the span. */
  static void name(ServerRequest request, String action) {
    observation(request).ifPresent(context -> context.put(ACTION, action));
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
    return tracing == null ? null : tracing.getSpan();
  }

  private static Optional<ServerRequestObservationContext> observation(ServerRequest request) {
    return ServerRequestObservationContext.findCurrent(request.exchange().getAttributes());
  }

  private static String of(TraceContext context) {
    return "00-" + context.traceId() + "-" + context.spanId()
        + (Boolean.TRUE.equals(context.sampled()) ? "-01" : "-00");
  }

  private static String unrecorded() {
    var random = ThreadLocalRandom.current();
    var hex = HexFormat.of();
    // The lowest bit set: an id of zeros would mean none.
    return "00-" + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1) + "-"
        + hex.toHexDigits(random.nextLong() | 1) + "-00";
  }
}
