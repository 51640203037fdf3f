// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How far this instance is behind the ends of its partitions. Kafka is asked every few seconds, also about partitions that
 * stand still: of those the consumer itself knows nothing new. Whether it answers is the sign that Kafka is there.
 */
final class Lag {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private final Admin admin;
  private final String topic;
  private final UnitMetrics.Topic metrics;
  private final LongSupplier nanoTime;
  private volatile long askedAtNanos;
  private volatile boolean asking;
  private volatile boolean answered;

  Lag(Admin admin, String topic, UnitMetrics.Topic metrics, LongSupplier nanoTime) {
    this.admin = admin;
    this.topic = topic;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.askedAtNanos = nanoTime.getAsLong() - INTERVAL.toNanos();
  }

  /**
   * Asks, if it is time to. Does not wait.
   *
   * @param owned the positions of all partitions that this instance owns; below zero where it is not known yet
   */
  void update(Supplier<Map<TopicPartition, Long>> owned) {
    long now = nanoTime.getAsLong();
    if (asking || now - askedAtNanos < INTERVAL.toNanos()) {
      return;
    }
    askedAtNanos = now;
    asking = true;
    var positions = owned.get();
    if (positions.isEmpty()) {
      // Others own them all, or Kafka or the topic is not there yet.
      metrics.lag(Map.of());
      var unused = admin.describeTopics(List.of(topic)).allTopicNames()
          .whenComplete((topics, failure) -> answered(failure, Map.of(), Map.of()));
    } else {
      var unused = admin.listOffsets(positions.keySet().stream()
          .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()))).all()
          .whenComplete((ends, failure) -> answered(failure, positions, ends));
    }
  }

  private void answered(@Nullable Throwable failure, Map<TopicPartition, Long> positions,
      Map<TopicPartition, ListOffsetsResultInfo> ends) {
    answered = failure == null;
    asking = false;
    if (failure != null) {
      return;
    }
    var lag = new HashMap<Integer, Long>();
    positions.forEach((partition, position) -> {
      var end = ends.get(partition);
      if (position >= 0 && end != null) {
        lag.put(partition.partition(), Math.max(0, end.offset() - position));
      }
    });
    metrics.lag(lag);
  }

  /** Whether Kafka has answered what it was asked last, or has not had the time to. */
  boolean isAnswered() {
    return answered && !(asking && nanoTime.getAsLong() - askedAtNanos > SILENCE.toNanos());
  }
}
