// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.contracts.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/** Where the partitions of the events end. */
final class EndOffsets {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final List<TopicPartition> PARTITIONS = IntStream.range(0, Topics.PARTITIONS)
      .mapToObj(partition -> new TopicPartition(Topics.FIRMWARE_EVENTS, partition)).toList();

  private final Admin admin;

  EndOffsets(Admin admin) {
    this.admin = admin;
  }

  /** The offsets that the next events will have, by partition, as Kafka says after this is asked. */
  Mono<Long[]> now() {
    return Mono.fromCompletionStage(() -> admin
        .listOffsets(PARTITIONS.stream().collect(Collectors.toMap(Function.identity(), p -> OffsetSpec.latest())))
        .all().toCompletionStage()).timeout(PATIENCE)
        .map(found -> PARTITIONS.stream().map(partition -> offset(found, partition)).toArray(Long[]::new));
  }

  private static Long offset(Map<TopicPartition, ListOffsetsResultInfo> found, TopicPartition partition) {
    return Objects.requireNonNull(found.get(partition)).offset();
  }
}
