// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.Together;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * One request for all partitions of both topics, and for all who ask meanwhile. Uncommitted records count: what a producer was told is written lies
 * below the high watermark, and the leader answers only when it knows that of its own term.
 */
final class KafkaEndOffsets implements EndOffsets {
  private static final Map<TopicPartition, OffsetSpec> LATEST = latest();

  private final Together<Set<TopicPartition>, Map<TopicPartition, Long>> together = new Together<>(
      askers -> request().map(ends -> Collections.nCopies(askers.size(), ends)), Integer.MAX_VALUE);
  private final Admin admin;
  private final Duration timeout;

  KafkaEndOffsets(Admin admin, Duration timeout) {
    this.admin = admin;
    this.timeout = timeout;
  }

  @Override
  public Mono<Map<TopicPartition, Long>> ask() {
    return together.ask(LATEST.keySet());
  }

  private Mono<Map<TopicPartition, Long>> request() {
    return Mono.fromCompletionStage(() -> admin
        .listOffsets(LATEST, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED)
            .timeoutMs(Math.toIntExact(timeout.toMillis())))
        .all().toCompletionStage())
        // What follows must not hold up the only thread of the client.
        .publishOn(Schedulers.parallel()).map(results -> {
          var ends = new HashMap<TopicPartition, Long>();
          results.forEach((partition, result) -> ends.put(partition, result.offset()));
          return ends;
        });
  }

  private static Map<TopicPartition, OffsetSpec> latest() {
    var latest = new HashMap<TopicPartition, OffsetSpec>();
    for (var topic : List.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS)) {
      for (int partition = 0; partition < Topics.PARTITIONS; partition++) {
        latest.put(new TopicPartition(topic, partition), OffsetSpec.latest());
      }
    }
    return Map.copyOf(latest);
  }
}
