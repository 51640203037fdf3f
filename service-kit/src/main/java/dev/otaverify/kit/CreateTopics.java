// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import dev.otaverify.contracts.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Creates the topics of the contract where they are missing, with the settings of the contract, and gives those that are
 * there already the same settings: one step of a deployment. The replication factor is the brokers' default.
 */
public final class CreateTopics {
  private CreateTopics() {}

  /** Takes {@code KAFKA_BOOTSTRAP_SERVERS} from the environment, and prints what was created. */
  public static void main(String[] args) {
    var bootstrapServers = System.getenv("KAFKA_BOOTSTRAP_SERVERS");
    if (bootstrapServers == null) {
      throw new IllegalArgumentException("KAFKA_BOOTSTRAP_SERVERS: missing (expected: host:port)");
    }
    in(bootstrapServers).forEach((topic, created) -> System.out
        .println((created ? "created " : "there already: ") + topic));
  }

  /**
   * Returns each topic with whether it was created now.
   *
   * @throws KafkaException if the cluster does not do it
   */
  public static Map<String, Boolean> in(String bootstrapServers) {
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      var topics = new ArrayList<NewTopic>();
      Topics.all().forEach((name, partitions) -> topics
          .add(new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(Topics.settings(name))));
      var created = new TreeMap<String, Boolean>();
      admin.createTopics(topics).values().forEach((name, done) -> created.put(name, isCreated(done)));
      configure(admin, created.keySet().stream().filter(name -> !created.getOrDefault(name, true)).toList());
      return created;
    }
  }

  private static void configure(Admin admin, Collection<String> topics) {
    var changes = new HashMap<ConfigResource, Collection<AlterConfigOp>>();
    for (var topic : topics) {
      changes.put(new ConfigResource(ConfigResource.Type.TOPIC, topic), Topics.settings(topic).entrySet().stream()
          .map(setting -> new AlterConfigOp(new ConfigEntry(setting.getKey(), setting.getValue()),
              AlterConfigOp.OpType.SET))
          .toList());
    }
    try {
      await(admin.incrementalAlterConfigs(changes).all());
    } catch (ExecutionException e) {
      throw new KafkaException("topics: " + topics + " not configured (expected: the settings of the contract)",
          e.getCause());
    }
  }

  private static boolean isCreated(KafkaFuture<Void> done) {
    try {
      await(done);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      throw new KafkaException("topics: not created (expected: a cluster that takes them)", e.getCause());
    }
  }

  private static void await(KafkaFuture<Void> done) throws ExecutionException {
    try {
      done.get();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
