// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.localinfra.LocalKafka;
import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** Tables built anew from topics that nobody else uses, by a rebuild that breaks off, with verdicts given and not given. */
@SuppressWarnings("try") // a service works by being there
class RebuildIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  private LocalKafka kafka;
  private TestDatabase live;
  private TestDatabase rebuilt;

  @BeforeEach
  void topics() {
    kafka = LocalKafka.start(LocalKafka.Config.in(directory));
    kafka.createTopics(Topics.all());
    live = TestInfra.freshDatabase("aggregator");
    rebuilt = new TestDatabase(live.host(), live.port(), live.database() + "_rebuilt", live.user(), live.password());
    TestInfra.postgres().createDatabase(rebuilt.database(), rebuilt.user(), rebuilt.password());
  }

  @AfterEach
  void stop() {
    kafka.close();
  }

  @Test
  void aRebuildThatBrokeOffGoesOnAndPublishesNothingAndWhatItsTablesOweIsPublishedOnceTheyAreInUse() throws Exception {
    // given: a verification with its verdict
    var told = new Scenario("told");
    try (var service = service(live)) {
      history(told);
      firmware(told.succeeded(1, 1));
      await().atMost(PATIENCE).until(() -> own(told).size() == 2);
      var before = ends();

      var result = Rebuild.run(arguments(live));

      assertThat(result.isEqual()).as(result.toString()).isTrue();
      assertThat(result.tables()).extracting(Rebuild.Table::name, Rebuild.Table::rebuiltRows).contains(
          tuple("firmware", 1L), tuple("task", 2L),
          tuple("device", 2L), tuple("task_history", 5L));
      assertThat(ends()).as("nothing is published").isEqualTo(before);
    }
    // and one whose verdict is due, and nobody has given it; the aggregator's database is lost
    var due = new Scenario("due");
    history(due);
    firmware(due.succeeded(1, 1));
    var before = ends();

    // when: it breaks off in the middle
    execute(
        """
        create function refuse() returns trigger language plpgsql as $$ begin raise 'full' using errcode = '23514'; end $$;
        create trigger refuse before insert on task for each row when (new.device_name = 'device-0') execute function refuse()""");
    assertThatThrownBy(() -> Rebuild.run(arguments(live))).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot be decided on");

    // then: it is not taken for a whole one
    assertThatThrownBy(() -> service(rebuilt)).hasStackTraceContaining("half rebuilt (expected: ");

    // when: it goes on
    execute("drop trigger refuse on task");
    assertThatThrownBy(() -> Rebuild.run(arguments(live, "--ota.rebuild.patience=1ms")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was not compared: " + live.database() + " is not as far");
    assertThat(Rebuild.run(arguments(live, "--ota.rebuild.compare=false")).tables()).isNull();
    assertThat(ends()).as("nothing is published").isEqualTo(before);
    assertThat(own(due)).isEmpty();

    // then: in use it gives that verdict, as it would have been given, and the other one not again
    try (var service = service(rebuilt)) {
      await().atMost(PATIENCE).until(() -> own(due).size() == 2);
      assertThat(own(due)).extracting(Message::data).containsExactly(
          new JobCompleted(due.firmware, due.job(1), false, due.lastAt()),
          new FirmwareVerified(due.firmware, due.job(1), due.lastAt()));
      assertThat(own(told)).hasSize(2);
      assertThat(read(Topics.COMMANDS, Command.class)).extracting(Message::data).containsExactlyInAnyOrder(
          new ConcludeVerification(told.firmware, told.job(1), Verdict.VERIFIED, told.lastAt()),
          new ConcludeVerification(due.firmware, due.job(1), Verdict.VERIFIED, due.lastAt()));
      assertThatThrownBy(() -> Rebuild.run(arguments(live))).isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a service has worked on it (expected: an empty one");
    }
    assertThatThrownBy(() -> Rebuild.run(arguments(live, "--ota.rebuild.database=nowhere")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> Rebuild.run(arguments(live, "--ota.rebuild.database=" + live.database())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("(expected: another one than ota.database.name)");
  }

  /** All but the end of its last task. */
  private void history(Scenario scenario) throws Exception {
    registry(scenario.productCreated());
    registry(scenario.registered(0));
    registry(scenario.registered(1));
    registry(scenario.moduleCreated("mcu"));
    registry(scenario.presenceChanged(0, true));
    registry(scenario.versionChanged(0, "1.0.0"));
    firmware(scenario.firmwareCreated());
    firmware(scenario.jobCreated(1, 2));
    firmware(scenario.notified(1, 0));
    firmware(scenario.progressed(1, 0, 50));
    firmware(scenario.versionReported(1, 0, "1.0.0"));
    firmware(scenario.succeeded(1, 0));
  }

  private ConfigurableApplicationContext service(TestDatabase database) {
    return StatusAggregatorApplication.start(arguments(database, "--server.port=0"));
  }

  private String[] arguments(TestDatabase database, String... more) {
    var arguments = new ArrayList<>(List.of("--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
        "--ota.database.host=" + database.host(), "--ota.database.port=" + database.port(),
        "--ota.database.name=" + database.database(), "--ota.database.user=" + database.user(),
        "--ota.database.password=" + database.password(), "--ota.internal-token=a-token-only-for-this-test"));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  private void registry(Message<RegistryEvent> event) throws Exception {
    publish(Topics.REGISTRY_EVENTS, event.data().productKey().value(), event);
  }

  private void firmware(Message<FirmwareEvent> event) throws Exception {
    publish(Topics.FIRMWARE_EVENTS, event.data().firmwareId().value(), event);
  }

  private void publish(String topic, String key, Message<?> event) throws Exception {
    var encoded = Wire.encode(event);
    try (var producer = new KafkaProducer<>(Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
        new StringSerializer(),
        new ByteArraySerializer())) {
      producer
          .send(KafkaRecords.record(topic, null, key, encoded.headers(),
              encoded.value().getBytes(StandardCharsets.UTF_8)))
          .get(10, TimeUnit.SECONDS);
    }
  }

  private List<Message<FirmwareEvent>> own(Scenario scenario) {
    return read(Topics.FIRMWARE_EVENTS, FirmwareEvent.class).stream()
        .filter(event -> event.source().equals(Source.STATUS_AGGREGATOR)
            && event.data().firmwareId().equals(scenario.firmware))
        .toList();
  }

  private <T> List<Message<T>> read(String topic, Class<T> family) {
    try (var consumer = consumer()) {
      var partitions = partitions(topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      var found = new ArrayList<Message<T>>();
      while (partitions.stream().anyMatch(at -> consumer.position(at) < ends.getOrDefault(at, 0L))) {
        consumer.poll(Duration.ofMillis(100))
            .forEach(record -> found.add(Wire.decode(KafkaRecords.textOf(record.headers()), record.value(), family)));
      }
      return found;
    }
  }

  /** Of all topics. */
  private Map<TopicPartition, Long> ends() {
    try (var consumer = consumer()) {
      return consumer.endOffsets(Topics.all().keySet().stream().flatMap(topic -> partitions(topic).stream()).toList());
    }
  }

  private static List<TopicPartition> partitions(String topic) {
    return IntStream.range(0, Topics.PARTITIONS).mapToObj(i -> new TopicPartition(topic, i)).toList();
  }

  private KafkaConsumer<String, byte[]> consumer() {
    return new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
        new StringDeserializer(),
        new ByteArrayDeserializer());
  }

  private void execute(String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(rebuilt.jdbcUrl(), rebuilt.user(), rebuilt.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
