// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import dev.otaverify.contracts.Topics;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of the contract where they are missing, and ends: one step of a deployment. */
public final class CreateTopics {
  private CreateTopics() {}

  /** Takes {@code KAFKA_BOOTSTRAP_SERVERS} from the environment; the replication factor is the brokers' default. */
  public static void main(String[] args) throws ExecutionException, InterruptedException {
    var bootstrapServers = System.getenv("KAFKA_BOOTSTRAP_SERVERS");
    if (bootstrapServers == null) {
      throw new IllegalArgumentException("KAFKA_BOOTSTRAP_SERVERS: missing (expected: host:port)");
    }
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      var topics = new ArrayList<NewTopic>();
      new TreeMap<>(Topics.all())
          .forEach((name, partitions) -> topics.add(new NewTopic(name, Optional.of(partitions), Optional.empty())));
      for (var created : admin.createTopics(topics).values().entrySet()) {
        try {
          created.getValue().get();
          System.out.println("created " + created.getKey());
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw e;
          }
          System.out.println("there already: " + created.getKey());
        }
      }
    }
  }
}
