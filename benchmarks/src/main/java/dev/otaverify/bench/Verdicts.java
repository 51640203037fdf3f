// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Hears of verdicts as other systems do, from the events of firmware. To ask again and again instead would be most of what the stack is
 * busy with: each call is authenticated, counted and kept from being made twice.
 */
final class Verdicts implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final String VERIFIED = Wire.typeOf(FirmwareVerified.class);
  private static final Set<String> VERDICTS = Set.of(VERIFIED, Wire.typeOf(FirmwareVerificationFailed.class));

  private final KafkaConsumer<String, byte[]> consumer;
  private final Map<String, Sinks.One<Boolean>> awaited = new ConcurrentHashMap<>();
  private final Thread thread;

  private Verdicts(KafkaConsumer<String, byte[]> consumer) {
    this.consumer = consumer;
    this.thread = Thread.ofPlatform().name("verdicts").unstarted(this::hear);
  }

  /** Hears of all from now on. */
  static Verdicts from(String kafka) {
    var consumer = new KafkaConsumer<>(
        Map.<String, Object>of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false),
        new StringDeserializer(), new ByteArrayDeserializer());
    var partitions = IntStream.range(0, Topics.PARTITIONS)
        .mapToObj(partition -> new TopicPartition(Topics.FIRMWARE_EVENTS, partition)).toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // The end of now, not of the first poll.
    partitions.forEach(consumer::position);
    var verdicts = new Verdicts(consumer);
    verdicts.thread.start();
    return verdicts;
  }

  /** The verdict on this firmware: whether it is verified. To be called before its job is created. */
  Mono<Boolean> on(String firmwareId) {
    Sinks.One<Boolean> verdict = Sinks.one();
    awaited.put(firmwareId, verdict);
    return verdict.asMono();
  }

  private void hear() {
    try (consumer) {
      while (true) {
        consumer.poll(POLL).forEach(this::heard);
      }
    } catch (WakeupException closed) {
      // as asked
    }
  }

  private void heard(ConsumerRecord<String, byte[]> record) {
    var type = new String(record.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8);
    if (VERDICTS.contains(type)) {
      Sinks.@Nullable One<Boolean> verdict = awaited.remove(record.key());
      if (verdict != null) {
        verdict.tryEmitValue(type.equals(VERIFIED));
      }
    }
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
