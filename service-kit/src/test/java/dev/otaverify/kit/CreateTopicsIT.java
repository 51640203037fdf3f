// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Topics;
import dev.otaverify.testinfra.TestInfra;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class CreateTopicsIT {
  @Test
  void aTopicHasTheSettingsOfTheContractWhetherItIsNewOrWasThere() throws Exception {
    // given: two topics of a stack that left all to the broker
    TestInfra.createTopics(Map.of(Topics.FIRMWARE_EVENTS, Topics.PARTITIONS, Topics.REPLIES, Topics.PARTITIONS));
    try (var admin = Admin.create(Map.of("bootstrap.servers", TestInfra.kafkaBootstrapServers()))) {
      awaitSettings(admin, Topics.FIRMWARE_EVENTS, Map.of());

      var first = CreateTopics.in(TestInfra.kafkaBootstrapServers());
      var second = CreateTopics.in(TestInfra.kafkaBootstrapServers());

      assertThat(first.keySet()).isEqualTo(Topics.all().keySet());
      assertThat(first.entrySet()).filteredOn(topic -> !topic.getValue()).extracting(Map.Entry::getKey)
          .containsExactly(Topics.FIRMWARE_EVENTS, Topics.REPLIES);
      assertThat(second.values()).containsOnly(false);
      for (var topic : Topics.all().keySet()) {
        awaitSettings(admin, topic, Topics.settings(topic));
      }
      var descriptions = admin.describeTopics(Topics.all().keySet()).allTopicNames().get();
      descriptions.forEach((topic, description) -> assertThat(description.partitions()).as(topic)
          .hasSize(Topics.PARTITIONS));
    }
  }

  /** A change is acknowledged a little before the broker that is asked knows it, if only that there is such a topic. */
  private static void awaitSettings(Admin admin, String topic, Map<String, String> expected) {
    await().ignoreExceptionsMatching(failure -> failure.getCause() instanceof UnknownTopicOrPartitionException)
        .untilAsserted(() -> assertThat(settings(admin, topic)).as(topic).isEqualTo(expected));
  }

  /** What is set for this topic, as against what it has from the broker. */
  private static Map<String, String> settings(Admin admin, String topic) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return Objects.requireNonNull(admin.describeConfigs(List.of(resource)).all().get().get(resource)).entries()
        .stream().filter(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
        .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value, (a, b) -> a, TreeMap::new));
  }
}
