// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/**
 * Which topic stands behind a name.
 *
 * @param id Kafka's id of it; another one is another topic, whose offsets mean something else
 * @param partitions keys are bound to partitions by this count
 */
record TopicIdentity(String id, int partitions) {
  /** Asks Kafka. */
  static TopicIdentity of(Admin admin, String topic) throws ExecutionException, InterruptedException {
    var description = Objects
        .requireNonNull(admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic));
    return new TopicIdentity(description.topicId().toString(), description.partitions().size());
  }
}
