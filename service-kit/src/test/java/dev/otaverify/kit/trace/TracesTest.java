// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracesTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final Map<String, String> SAMPLED = Map.of("traceparent", "00-" + TRACE + "-" + PARENT + "-01",
      "tracestate", "vendor=1", "ce_id", "an event");

  private final InMemorySpanExporter exported = InMemorySpanExporter.create();
  private final Traces traces = new Traces(OpenTelemetrySdk.builder()
      .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exported)).build())
      .build());

  @Test
  void aSpanContinuesTheContextOfTheHeadersAndIsItselfContinued() {
    var span = traces.begin("send topic", SpanKind.PRODUCER, SAMPLED);
    var headers = Traces.continuing(span, SAMPLED);
    Traces.end(span, null);

    assertThat(exported.getFinishedSpanItems()).hasSize(1);
    var data = exported.getFinishedSpanItems().getFirst();
    assertThat(data.getTraceId()).isEqualTo(TRACE);
    assertThat(data.getParentSpanId()).isEqualTo(PARENT);
    assertThat(headers).containsExactlyInAnyOrderEntriesOf(Map.of("traceparent",
        "00-" + TRACE + "-" + data.getSpanId() + "-01", "tracestate", "vendor=1", "ce_id", "an event"));
    assertThat(Traces.traceId(headers)).isEqualTo(TRACE);
  }

  @Test
  void aFailureIsNamedByItsClassOnly() {
    Traces.end(traces.begin("process topic", SpanKind.CONSUMER, SAMPLED), new IllegalStateException("secret: hunter2"));

    assertThat(exported.getFinishedSpanItems()).extracting(SpanData::getStatus)
        .containsExactly(StatusData.create(StatusCode.ERROR, "IllegalStateException"));
  }

  @Test
  void anotherSpanAboutTheSameRecordIsLinked() {
    var cause = traces.begin("process topic", SpanKind.CONSUMER, SAMPLED);
    var other = Map.of("traceparent", "00-ffffffffffffffffffffffffffffffff-b7ad6b7169203331-01");

    Traces.end(traces.begin("process topic", SpanKind.CONSUMER, other, cause), null);
    Traces.end(traces.begin("process topic", SpanKind.CONSUMER, other, Span.getInvalid()), null);

    assertThat(exported.getFinishedSpanItems()).extracting(data -> data.getLinks().size()).containsExactly(1, 0);
    assertThat(exported.getFinishedSpanItems().getFirst().getLinks().getFirst().getSpanContext())
        .isEqualTo(cause.getSpanContext());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00-" + TRACE + "-" + PARENT + "-00", "01",
      "this is not a trace context but it is as long as one: 1111"})
  void withoutASampledContextNothingIsRecordedAndTheHeadersStayTheSame(String traceparent) {
    var headers = Map.of("traceparent", traceparent);

    var span = traces.begin("send topic", SpanKind.PRODUCER, headers);
    var continued = Traces.continuing(span, headers);
    Traces.end(span, null);

    assertThat(continued).isSameAs(headers);
    assertThat(exported.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void theTraceOfAContextIsToldWhetherItIsSampledOrNot() {
    assertThat(Traces.traceId(SAMPLED)).isEqualTo(TRACE);
    assertThat(Traces.traceId(Map.of("traceparent", "00-" + TRACE + "-" + PARENT + "-00"))).isEqualTo(TRACE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00-00000000000000000000000000000000-" + PARENT + "-01",
      "00-" + TRACE + "-0000000000000000-01",
      "00-" + TRACE + "-" + PARENT, "00-" + TRACE + "\r\n" + PARENT + "-01",
      "this is not a trace context but it is as long as one: 1111"})
  void whatIsNoTraceContextHasNoTrace(String traceparent) {
    assertThat(Traces.traceId(Map.of("traceparent", traceparent))).isEmpty();
    assertThat(Traces.traceId(Map.of())).isEmpty();
  }
}
