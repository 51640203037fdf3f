// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/** Where the logs of the topics that are folded end, by Kafka's word. */
@FunctionalInterface
interface EndOffsets {
  /** Asks Kafka on subscription: the offset of the next record of every partition. */
  Mono<Map<TopicPartition, Long>> ask();
}
