// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * How far this instance is behind the ends of its partitions. Kafka is asked every few seconds, also about partitions that
 * stand still: of those the consumer itself knows nothing new. Whether it answers is the sign that Kafka is there.
 */
final class Lag {
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  /** Three questions without an answer. */
  private static final Duration SILENCE = INTERVAL.multipliedBy(3);

  private final Admin admin;
  private final UnitMetrics.Topic metrics;
  private final LongSupplier nanoTime;
  private long askedAtNanos;
  private volatile boolean asking;
  private volatile long answeredAtNanos;

  Lag(Admin admin, UnitMetrics.Topic metrics, LongSupplier nanoTime) {
    this.admin = admin;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.answeredAtNanos = nanoTime.getAsLong();
    this.askedAtNanos = answeredAtNanos - INTERVAL.toNanos();
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
    var positions = owned.get();
    if (positions.isEmpty()) {
      // Nothing to ask, so silence says nothing either.
      answeredAtNanos = now;
      metrics.lag(Map.of());
      return;
    }
    askedAtNanos = now;
    asking = true;
    var unused = admin.listOffsets(positions.keySet().stream()
        .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()))).all()
        .whenComplete((ends, failure) -> {
          if (failure == null) {
            answered(positions, ends);
          }
          asking = false;
        });
  }

  private void answered(Map<TopicPartition, Long> positions, Map<TopicPartition, ListOffsetsResultInfo> ends) {
    answeredAtNanos = nanoTime.getAsLong();
    var lag = new HashMap<Integer, Long>();
    positions.forEach((partition, position) -> {
      var end = ends.get(partition);
      if (position >= 0 && end != null) {
        lag.put(partition.partition(), Math.max(0, end.offset() - position));
      }
    });
    metrics.lag(lag);
  }

  /** Whether Kafka has answered lately. */
  boolean isAnswered() {
    return nanoTime.getAsLong() - answeredAtNanos < SILENCE.toNanos();
  }
}
