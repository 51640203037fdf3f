// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.trace.KafkaSpans;
import dev.otaverify.kit.trace.Traces;
import io.opentelemetry.api.trace.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The spans of one unit: each record's work, from its decision until its output is published. Used by one unit at a time. */
final class UnitSpans {
  private final Traces traces;
  private final String group;
  private final List<Span> spans = new ArrayList<>();
  private final Map<Place, Span> byPlace = new HashMap<>();

  private record Place(int partition, long offset) {}

  UnitSpans(Traces traces, String group) {
    this.traces = traces;
    this.group = group;
  }

  /** Begins the work on a record; returns the context of what it causes. */
  Map<String, String> begin(String topic, int partition, long offset, Map<String, String> headers) {
    var span = begin(topic, partition, offset, headers, Span.getInvalid());
    if (span.isRecording()) {
      byPlace.put(new Place(partition, offset), span);
    }
    return context(Traces.continuing(span, headers));
  }

  /** Begins the part of the work that belongs to another trace than the one the record came with, if to any. */
  <T> Incoming<T> continuing(Incoming<T> incoming, String traceparent) {
    if (Traces.traceId(incoming.traceContext()).equals(Traces.traceId(Map.of("traceparent", traceparent)))) {
      return incoming;
    }
    var headers = Map.of("traceparent", traceparent, "ce_type", incoming.type(), "ce_subject",
        incoming.message().subject());
    var span = begin(incoming.topic(), incoming.partition(), incoming.offset(), headers,
        byPlace.getOrDefault(new Place(incoming.partition(), incoming.offset()), Span.getInvalid()));
    return incoming.in(context(Traces.continuing(span, headers)));
  }

  /** Ends them. */
  void end(@Nullable Throwable failure) {
    spans.forEach(span -> Traces.end(span, failure));
  }

  private Span begin(String topic, int partition, long offset, Map<String, String> headers, Span cause) {
    var span = KafkaSpans.processing(traces, group, topic, partition, offset, headers, cause);
    if (span.isRecording()) {
      spans.add(span);
    }
    return span;
  }

  private static Map<String, String> context(Map<String, String> headers) {
    var context = new HashMap<String, String>();
    for (var name : List.of("traceparent", "tracestate")) {
      @Nullable
      String value = headers.get(name);
      if (value != null) {
        context.put(name, value);
      }
    }
    return Map.copyOf(context);
  }
}
