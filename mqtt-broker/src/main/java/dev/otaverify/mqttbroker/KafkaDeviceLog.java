// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log in Kafka. Its callers are threads of the broker that must never wait, and Kafka's producer waits in two cases:
 * for a topic's metadata, which is therefore fetched by a thread of our own before anything is taken, and for room in
 * its buffer, which is therefore counted here and refused before it is used up.
 */
final class KafkaDeviceLog implements DeviceLog, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KafkaDeviceLog.class);
  private static final long MAX_BYTES_UNDER_WAY = 16L << 20;
  private static final int RECORD_OVERHEAD = 1024;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final KafkaProducer<String, byte[]> producer;
  private final Duration timeout;
  private final AtomicLong bytesUnderWay = new AtomicLong();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final Thread starter;
  private volatile boolean closed;

  KafkaDeviceLog(String bootstrapServers, Duration timeout) {
    this.timeout = timeout;
    this.producer = producer(bootstrapServers);
    this.starter = Thread.ofPlatform().daemon().name("ota-kafka-metadata").start(this::awaitMetadata);
  }

  private static KafkaProducer<String, byte[]> producer(String bootstrapServers) {
    var thread = Thread.currentThread();
    var before = thread.getContextClassLoader();
    // Kafka loads what its configuration names through this one; in HiveMQ it would not be the extension's.
    thread.setContextClassLoader(KafkaDeviceLog.class.getClassLoader());
    try {
      return new KafkaProducer<>(
          Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.CLIENT_ID_CONFIG,
              "otaverify-mqtt-broker", ProducerConfig.ACKS_CONFIG, "all", ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
              true, ProducerConfig.LINGER_MS_CONFIG, 0, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
              ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 300_000, ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000,
              ProducerConfig.METADATA_MAX_IDLE_CONFIG, (int) Duration.ofDays(20).toMillis()),
          new StringSerializer(), new ByteArraySerializer());
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private void awaitMetadata() {
    boolean told = false;
    while (!closed && ready.getCount() > 0) {
      try {
        if (!producer.partitionsFor(Topics.DEVICE_INPUTS).isEmpty()) {
          ready.countDown();
        }
      } catch (InterruptException e) {
        return;
      } catch (KafkaException e) {
        // It has waited for a second already.
        if (!told) {
          log.atWarn().addKeyValue("topic", Topics.DEVICE_INPUTS).addKeyValue("reason", e.toString())
              .log("Kafka does not answer, or has not the topic; devices are refused until it does");
          told = true;
        }
      }
    }
  }

  /** Waits until records can be taken, but not longer than this. */
  boolean awaitReady(Duration atMost) throws InterruptedException {
    return ready.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Bytes handed to Kafka and not acknowledged. */
  long bytesUnderWay() {
    return bytesUnderWay.get();
  }

  @Override
  public boolean isReady() {
    return ready.getCount() == 0 && bytesUnderWay.get() < MAX_BYTES_UNDER_WAY;
  }

  @Override
  public CompletableFuture<@Nullable Void> append(DeviceInput input, Instant at) {
    var key = input.device().key();
    var encoded = Wire
        .encode(Message.unnumbered(UUID.randomUUID().toString(), Source.MQTT_BROKER, key, at, input));
    var value = encoded.value().getBytes(StandardCharsets.UTF_8);
    var record = new ProducerRecord<>(Topics.DEVICE_INPUTS, key, value);
    encoded.headers()
        .forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    return isReady()
        ? send(record, value.length + RECORD_OVERHEAD)
        : CompletableFuture.failedFuture(new IllegalStateException("Kafka takes nothing for now"));
  }

  private CompletableFuture<@Nullable Void> send(ProducerRecord<String, byte[]> record, int bytes) {
    var done = new CompletableFuture<@Nullable Void>();
    bytesUnderWay.addAndGet(bytes);
    try {
      // Its future says the same as the callback.
      var unused = producer.send(record, (metadata, failure) -> {
        bytesUnderWay.addAndGet(-bytes);
        if (failure == null) {
          done.complete(null);
        } else {
          done.completeExceptionally(failure);
        }
      });
    } catch (KafkaException | IllegalStateException e) {
      bytesUnderWay.addAndGet(-bytes);
      done.completeExceptionally(e);
    }
    return done.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    closed = true;
    starter.interrupt();
    producer.close(CLOSE_TIMEOUT);
  }
}
