// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Spans whose parent is a trace context in the W3C form, {@code traceparent} and {@code tracestate} in a map of headers. Where a context is
 * absent or not sampled nothing is recorded and the headers stay what they are, at next to no cost.
 */
public final class Traces {
  /** Records nothing. */
  public static final Traces NONE = new Traces(OpenTelemetry.noop());

  private static final String TRACEPARENT = "traceparent";
  private static final int TRACEPARENT_LENGTH = 55;
  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
  private static final TextMapGetter<Map<String, String>> GETTER = new TextMapGetter<>() {
    @Override
    public Iterable<String> keys(Map<String, String> headers) {
      return headers.keySet();
    }

    @Override
    public @Nullable String get(@Nullable Map<String, String> headers, String name) {
      return headers == null ? null : headers.get(name);
    }
  };

  private final Tracer tracer;

  /** Records with this. */
  public Traces(OpenTelemetry telemetry) {
    this.tracer = telemetry.getTracer("dev.otaverify");
  }

  /**
   * Begins a span that continues the context in these headers; the caller ends it.
   *
   * @return one that records nothing if the context is absent, unreadable or not sampled
   */
  public Span begin(String name, SpanKind kind, Map<String, String> headers) {
    return begin(name, kind, headers, Span.getInvalid());
  }

  /**
   * Begins a span that continues one context and was caused by another span.
   *
   * @param cause linked, if it records
   */
  public Span begin(String name, SpanKind kind, Map<String, String> headers, Span cause) {
    if (!isSampled(headers)) {
      return Span.getInvalid();
    }
    var context = W3C.extract(Context.root(), headers, GETTER);
    return Span.fromContext(context).getSpanContext().isValid()
        ? tracer.spanBuilder(name).setSpanKind(kind).setParent(context).addLink(cause.getSpanContext()).startSpan()
        : Span.getInvalid();
  }

  /** The headers with this span as what they continue; unchanged if it records nothing. */
  public static Map<String, String> continuing(Span span, Map<String, String> headers) {
    if (!span.isRecording()) {
      return headers;
    }
    var continued = new HashMap<>(headers);
    W3C.inject(Context.root().with(span), continued, HashMap::put);
    return continued;
  }

  /** Ends the span, as failed if there is a failure. */
  public static void end(Span span, @Nullable Throwable failure) {
    if (failure != null) {
      // Not its message, which may quote what must not leave the service.
      span.setStatus(StatusCode.ERROR, failure.getClass().getSimpleName());
    }
    span.end();
  }

  /** The trace of these headers: 32 hex digits, or empty if they have none that is readable. */
  public static String traceId(Map<String, String> headers) {
    var context = Span.fromContext(W3C.extract(Context.root(), headers, GETTER)).getSpanContext();
    return context.isValid() ? context.getTraceId() : "";
  }

  /** The lowest bit of the flags, which are the last two hex digits. */
  private static boolean isSampled(Map<String, String> headers) {
    @Nullable
    String traceparent = headers.get(TRACEPARENT);
    return traceparent != null && traceparent.length() >= TRACEPARENT_LENGTH
        && Character.digit(traceparent.charAt(TRACEPARENT_LENGTH - 1), 16) % 2 == 1;
  }
}
