// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Map;

/** Spans of records, named and described as OpenTelemetry's conventions for messaging say. */
public final class KafkaSpans {
  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> GROUP = AttributeKey.stringKey("messaging.consumer.group.name");
  private static final AttributeKey<String> PARTITION = AttributeKey.stringKey("messaging.destination.partition.id");
  private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
  private static final AttributeKey<String> TYPE = AttributeKey.stringKey("cloudevents.event_type");
  private static final AttributeKey<String> SUBJECT = AttributeKey.stringKey("cloudevents.event_subject");

  private KafkaSpans() {}

  /** Begins the sending of a record with these headers. */
  public static Span sending(Traces traces, String topic, Map<String, String> headers) {
    return described(traces.begin("send " + topic, SpanKind.PRODUCER, headers), "send", topic, headers);
  }

  /**
   * Begins the work on a record.
   *
   * @param headers what the span continues, and what it is described by
   * @param cause linked, if it records: another span about the same record
   */
  public static Span processing(Traces traces, String group, String topic, int partition, long offset,
      Map<String, String> headers, Span cause) {
    var span = traces.begin("process " + topic, SpanKind.CONSUMER, headers, cause);
    if (span.isRecording()) {
      span.setAttribute(GROUP, group).setAttribute(PARTITION, Integer.toString(partition)).setAttribute(OFFSET, offset);
    }
    return described(span, "process", topic, headers);
  }

  private static Span described(Span span, String operation, String topic, Map<String, String> headers) {
    if (span.isRecording()) {
      span.setAttribute(SYSTEM, "kafka").setAttribute(OPERATION, operation).setAttribute(TOPIC, topic)
          .setAttribute(TYPE, headers.getOrDefault("ce_type", ""))
          .setAttribute(SUBJECT, headers.getOrDefault("ce_subject", ""));
    }
    return span;
  }
}
