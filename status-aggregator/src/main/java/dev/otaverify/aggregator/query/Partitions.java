// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.JobRow;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

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

  /** What a view of something of a job depends on: the firmware's events, and the product's if there is such a job. */
  static List<TopicPartition> of(FirmwareId firmware, @Nullable JobRow job) {
    return job == null ? List.of(of(firmware)) : List.of(of(firmware), of(job.productKey()));
  }

  static TopicPartition of(ProductKey product) {
    return of(Topics.REGISTRY_EVENTS, product.value());
  }

  private static TopicPartition of(String topic, String key) {
    return new TopicPartition(topic,
        BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), Topics.PARTITIONS));
  }
}
