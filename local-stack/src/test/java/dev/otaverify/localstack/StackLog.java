// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What stands in the topics of a stack. */
record StackLog(Settings settings) {

  /** The ends of all topics. */
  Map<TopicPartition, Long> ends() {
    try (var consumer = consumer()) {
      return consumer.endOffsets(partitions(Topics.all().keySet()));
    }
  }

  /** The same, once nothing more is written for a second. */
  Map<TopicPartition, Long> settled() {
    var last = new AtomicReference<Map<TopicPartition, Long>>(Map.of());
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofSeconds(1)).until(this::ends,
        ends -> ends.equals(last.getAndSet(ends)));
  }

  /** All records of these topics, those of each partition in their order. */
  List<ConsumerRecord<String, byte[]>> records(Collection<String> topics) {
    var partitions = partitions(topics);
    var records = new ArrayList<ConsumerRecord<String, byte[]>>();
    try (var consumer = consumer()) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(at -> consumer.position(at) < ends.getOrDefault(at, 0L))) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  private static List<TopicPartition> partitions(Collection<String> topics) {
    return topics.stream().flatMap(topic -> IntStream.range(0, Topics.PARTITIONS)
        .mapToObj(partition -> new TopicPartition(topic, partition))).toList();
  }

  private KafkaConsumer<String, byte[]> consumer() {
    return new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", settings.address(Part.KAFKA)),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }
}
