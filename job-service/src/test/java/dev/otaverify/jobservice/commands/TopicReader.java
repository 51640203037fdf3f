// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;

/**
 * Everything that stands in one topic from its beginning, as another service sees it: a message that was published again, by an owner that
 * took a partition over, counts once.
 */
final class TopicReader<T> implements AutoCloseable {
  private final KafkaConsumer<String, byte[]> consumer;
  private final Class<T> family;
  private final Map<String, Read<T>> all = new LinkedHashMap<>();

  /** A message and where it stood. */
  record Read<T>(int partition, String key, Message<T> message) {}

  TopicReader(String bootstrapServers, String topic, Class<T> family) {
    this.family = family;
    this.consumer = new KafkaConsumer<>(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
        new StringDeserializer(), new ByteArrayDeserializer());
    var partitions = consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition()))
        .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Waits until so many messages are of interest, and returns them; more than those fail the test that counts them. */
  List<Read<T>> await(int count, Predicate<Message<T>> ofInterest) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).pollInSameThread().until(() -> {
      poll(Duration.ofMillis(100));
      return matching(ofInterest).size() >= count;
    });
    return matching(ofInterest);
  }

  /** All that stands in the topic now. */
  List<Read<T>> now(Predicate<Message<T>> ofInterest) {
    var ends = consumer.endOffsets(consumer.assignment());
    Awaitility.await().atMost(Duration.ofSeconds(60)).pollInSameThread().until(() -> {
      poll(Duration.ofMillis(100));
      return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    });
    return matching(ofInterest);
  }

  private void poll(Duration patience) {
    for (var record : consumer.poll(patience)) {
      var read = read(record);
      all.putIfAbsent(read.message().source() + " " + read.message().id(), read);
    }
  }

  private List<Read<T>> matching(Predicate<Message<T>> ofInterest) {
    return all.values().stream().filter(read -> ofInterest.test(read.message())).toList();
  }

  private Read<T> read(ConsumerRecord<String, byte[]> record) {
    return new Read<>(record.partition(), String.valueOf(record.key()),
        Wire.decode(KafkaRecords.textOf(record.headers()), record.value(), family));
  }

  @Override
  public void close() {
    consumer.close();
  }
}
