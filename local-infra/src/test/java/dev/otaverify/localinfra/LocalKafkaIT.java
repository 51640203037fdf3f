// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalKafkaIT {

  @TempDir
  Path dir;

  @Test
  void a_restart_on_the_same_directory_has_the_same_port_and_records() throws Exception {
    String before;
    try (LocalKafka kafka = LocalKafka.start(LocalKafka.Config.in(dir))) {
      before = kafka.bootstrapServers();
      kafka.createTopics(Map.of("events", 3));
      send(before, "one");
    }

    try (LocalKafka kafka = LocalKafka.start(LocalKafka.Config.in(dir))) {
      assertThat(kafka.bootstrapServers()).isEqualTo(before);
      send(before, "two");
      assertThat(read(before, 2)).containsExactly("one", "two");
      kafka.createTopics(Map.of("events", 3));
      assertThatThrownBy(() -> kafka.createTopics(Map.of("events", 4)))
          .hasMessage("partitions of events: 3 (expected: 4)");
    }
  }

  @Test
  void a_broker_that_was_killed_comes_back_with_what_it_acknowledged() throws Exception {
    String port = Integer.toString(FreePorts.choose());
    try (ChildJvm first = ChildJvm.start(LocalKafka.class, "--dir", dir.toString(), "--port", port)) {
      String address = first.ready("kafka");
      assertThat(address).isEqualTo("127.0.0.1:" + port);
      LocalKafka.createTopics(address, Map.of("events", 1));
      send(address, "acknowledged");
      assertThatThrownBy(() -> LocalKafka.start(LocalKafka.Config.in(dir))).hasMessageContaining("is in use");
      first.kill();
    }

    try (ChildJvm second = ChildJvm.start(LocalKafka.class, "--dir", dir.toString())) {
      String address = second.ready("kafka");
      assertThat(address).isEqualTo("127.0.0.1:" + port);
      assertThat(read(address, 1)).containsExactly("acknowledged");
      assertThat(second.stop()).isTrue();
    }
  }

  @Test
  void topics_are_not_made_by_use_and_keep_everything() throws Exception {
    try (LocalKafka kafka = LocalKafka.start(LocalKafka.Config.in(dir).with("log.segment.bytes", "2000000"));
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      kafka.createTopics(Map.of("events", 1));

      assertThat(admin.listTopics().names().get()).isEqualTo(Set.of("events"));
      var topic = new ConfigResource(
          ConfigResource.Type.TOPIC, "events");
      var config = Objects.requireNonNull(admin.describeConfigs(List.of(topic)).all().get().get(topic));
      assertThat(config.get("retention.ms").value()).isEqualTo("-1");
      assertThat(config.get("segment.bytes").value()).isEqualTo("2000000");
    }
  }

  @Test
  void a_port_that_is_taken_is_named() throws Exception {
    try (ServerSocket other = new ServerSocket(0)) {
      assertThatThrownBy(() -> LocalKafka.start(LocalKafka.Config.in(dir).port(other.getLocalPort())))
          .hasMessageContaining("kafka.port: " + other.getLocalPort() + " is taken");
    }
  }

  private static void send(String bootstrapServers, String value) throws Exception {
    try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrapServers), new StringSerializer(),
        new StringSerializer())) {
      producer.send(new ProducerRecord<>("events", 0, null, value)).get();
    }
  }

  private static List<String> read(String bootstrapServers, int count) {
    var values = new ArrayList<String>();
    try (var consumer = new KafkaConsumer<>(
        Map.<String, Object>of("bootstrap.servers", bootstrapServers, "group.id", "reader",
            "auto.offset.reset", "earliest"),
        new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(new TopicPartition("events", 0)));
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (values.size() < count && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(consumed -> values.add(consumed.value()));
      }
    }
    return values;
  }
}
