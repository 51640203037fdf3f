// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Rows, and how far the logs were folded when they were as they are: both of one statement. */
interface Snapshot {
  /** The JSON of {@link #positions}, to be selected with the rows. */
  String POSITIONS = "coalesce((select json_object_agg(topic || '-' || partition, position) from consumer_position), '{}')";

  /** The offset of the next record to fold, of all partitions that were ever claimed, each as {@link TopicPartition#toString()}. */
  Map<String, Long> positions();

  /** The partitions that the answer depends on. */
  List<TopicPartition> needed();

  /** Whether everything is there that, once its partitions were read, must be. */
  boolean isWhole();

  /** Whether the answer holds all that was written below these ends. */
  default boolean covers(Map<TopicPartition, Long> ends) {
    return isWhole() && needed().stream().allMatch(partition -> position(partition) >= end(ends, partition));
  }

  private long position(TopicPartition partition) {
    return positions().getOrDefault(partition.toString(), 0L);
  }

  private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
    // A partition that Kafka said nothing of is never caught up with.
    return ends.getOrDefault(partition, Long.MAX_VALUE);
  }
}
