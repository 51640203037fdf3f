// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/** Which partition a key stands in: every producer of ours lets Kafka's default partitioner choose. */
final class Partitions {
  private Partitions() {}

  /** All of a topic. */
  static List<TopicPartition> all(String topic) {
    return IntStream.range(0, Topics.PARTITIONS).mapToObj(partition -> new TopicPartition(topic, partition)).toList();
  }

  static TopicPartition of(FirmwareId firmware) {
    return of(Topics.FIRMWARE_EVENTS, firmware.value());
  }

  static TopicPartition of(ProductKey product) {
    return of(Topics.REGISTRY_EVENTS, product.value());
  }

  private static TopicPartition of(String topic, String key) {
    return new TopicPartition(topic,
        BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), Topics.PARTITIONS));
  }
}
