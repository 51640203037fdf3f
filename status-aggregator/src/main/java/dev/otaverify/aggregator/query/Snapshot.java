// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Rows, and how far the logs were folded when they were as they are: both of one statement. */
interface Snapshot {
  /** One row of {@code consumer_position}: the offset of the next record to fold. */
  record Position(String topic, int partition, long position) {}

  /** The JSON array of them, to be selected with the rows. */
  String POSITIONS = "coalesce((select jsonb_agg(jsonb_build_object('topic', topic, 'partition', partition,"
      + " 'position', position)) from consumer_position), '[]')";

  /** Of all partitions that were ever claimed. */
  List<Position> positions();

  /** The partitions that the answer depends on. */
  List<TopicPartition> needed();

  /** Whether everything is there that, once its partitions were read, must be. */
  boolean isWhole();

  /** Whether the answer holds all that was written below these ends. */
  default boolean covers(Map<TopicPartition, Long> ends) {
    return isWhole() && needed().stream().allMatch(partition -> position(partition) >= end(ends, partition));
  }

  private long position(TopicPartition partition) {
    return positions().stream()
        .filter(at -> at.topic().equals(partition.topic()) && at.partition() == partition.partition())
        .mapToLong(Position::position).findFirst().orElse(0);
  }

  private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
    // A partition that Kafka said nothing of is never caught up with.
    return ends.getOrDefault(partition, Long.MAX_VALUE);
  }
}
