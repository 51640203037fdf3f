// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.trace.Traces;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.function.SingletonSupplier;

/** A message with the place it stood at. It is read when it is first asked for: most are not, where few of a topic's messages matter. */
public final class Incoming<T> {
  private final Supplier<Message<T>> message;
  private final String type;
  private final String key;
  private final String topic;
  private final int partition;
  private final long offset;
  private final Map<String, String> traceContext;

  /**
   * One that is read already.
   *
   * @param traceContext the {@code traceparent} and {@code tracestate} it came with; whatever it causes carries them on
   */
  public Incoming(Message<T> message, String key, String topic, int partition, long offset,
      Map<String, String> traceContext) {
    this(() -> message, Wire.typeOf(message.data().getClass()), key, topic, partition, offset, traceContext);
  }

  private Incoming(Supplier<Message<T>> message, String type, String key, String topic, int partition, long offset,
      Map<String, String> traceContext) {
    this.message = message;
    this.type = type;
    this.key = key;
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.traceContext = traceContext;
  }

  /**
   * One that is yet to be read.
   *
   * @param message reads it, or fails with an {@link UndecidableException}
   * @param type that it says it is
   */
  static <T> Incoming<T> unread(Supplier<Message<T>> message, String type, String key, String topic, int partition,
      long offset, Map<String, String> traceContext) {
    return new Incoming<>(SingletonSupplier.of(message), type, key, topic, partition, offset, traceContext);
  }

  /**
   * The message.
   *
   * @throws UndecidableException if it is none of its topic
   */
  public Message<T> message() {
    return message.get();
  }

  /**
   * What the message says.
   *
   * @throws UndecidableException if it is none of its topic
   */
  public T data() {
    return message().data();
  }

  /** The wire type that the message says it is of, such as that of {@link Wire#typeOf}; known before it is read. */
  public String type() {
    return type;
  }

  public String key() {
    return key;
  }

  public String topic() {
    return topic;
  }

  public int partition() {
    return partition;
  }

  public long offset() {
    return offset;
  }

  /** The {@code traceparent} and {@code tracestate} it came with; whatever it causes carries them on. */
  public Map<String, String> traceContext() {
    return traceContext;
  }

  /** The trace that it is part of, for logs: 32 hex digits, or empty. */
  public String traceId() {
    return Traces.traceId(traceContext);
  }

  /** The same message as part of another trace. */
  Incoming<T> in(Map<String, String> context) {
    return new Incoming<>(message, type, key, topic, partition, offset, context);
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
