// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.trace.Traces;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message with the place it stood at.
 *
 * @param traceContext the {@code traceparent} and {@code tracestate} it came with; whatever it causes carries them on
 */
public record Incoming<T>(Message<T> message, String key, String topic, int partition, long offset,
    Map<String, String> traceContext) {

  /** What the message says. */
  public T data() {
    return message.data();
  }

  /** The trace that it is part of, for logs: 32 hex digits, or empty. */
  public String traceId() {
    return Traces.traceId(traceContext);
  }

  /** The same message as part of another trace. */
  Incoming<T> in(Map<String, String> context) {
    return new Incoming<>(message, key, topic, partition, offset, context);
  }

  /** A record caused by this message: it continues its trace. */
  public Outgoing causes(Step step, String topic, String key, Message<?> message) {
    return outgoing(step, topic, null, key, message);
  }

  /** A record caused by this message, to a certain partition. */
  public Outgoing causes(Step step, String topic, int toPartition, Message<?> message) {
    return outgoing(step, topic, toPartition, null, message);
  }

  private Outgoing outgoing(Step step, String topic, @Nullable Integer toPartition, @Nullable String key,
      Message<?> message) {
    var encoded = Wire.encode(message);
    var headers = new HashMap<>(encoded.headers());
    headers.putAll(traceContext);
    return new Outgoing(step, topic, toPartition, key, headers, encoded.value().getBytes(StandardCharsets.UTF_8),
        partition);
  }
}
