// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceInput.VersionReported;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.DeviceVersionChanged;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.kit.unit.LedgerInstance.Place;
import dev.otaverify.kit.unit.UnitProbe.Point;
import dev.otaverify.testinfra.TcpProxy;
import dev.otaverify.testinfra.TestInfra;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever happens to an owner, wherever it is: each input takes effect once, each output is published, in order. */
@SuppressWarnings("try") // an instance works by being there
@Execution(ExecutionMode.CONCURRENT)
class UnitOfWorkIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ProductKey PRODUCT = new ProductKey("a1000000000");
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59Z");
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private static final int PARTITIONS = 2;
  /** The only one of the other partition. */
  private static final String ELSEWHERE = "device-elsewhere";

  private static KafkaProducer<String, byte[]> producer;

  private Place place;
  private int sent;

  @BeforeAll
  static void aProducer() {
    var settings = new Properties();
    settings.put("bootstrap.servers", TestInfra.kafkaBootstrapServers());
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void close() {
    producer.close();
  }

  @BeforeEach
  void aTopicADatabaseAndNobodyAtWork() throws SQLException {
    var database = TestInfra.freshDatabase("ledger");
    var input = TestInfra.uniqueTopic("ledger-in", PARTITIONS);
    TestInfra.createTopics(Map.of(Topics.deadLetters(input), PARTITIONS));
    place = new Place(TestInfra.kafkaBootstrapServers(), database.host(), database.port(), database.database(),
        database.user(), database.password(), input, TestInfra.uniqueTopic("ledger-out", PARTITIONS));
    Flyway.configure().dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("classpath:db/service-kit").load().migrate();
    execute(Ledger.DDL);
    sent = 0;
  }

  @Test
  void ownersKilledAtEveryStepOneAfterTheOtherLoseNothingAndCountNothingTwice() throws Exception {
    // given: each is killed where the one before could not come, the claims with output still pending
    report("device-1", 60);
    for (var point : List.of(Point.TRANSACTION_BEGUN, Point.DECIDED, Point.COMMITTING, Point.COMMITTED,
        Point.CLAIMED, Point.PENDING_PUBLISHED)) {
      killedAt(point, point == Point.CLAIMED || point == Point.PENDING_PUBLISHED ? 1 : 2);
    }

    // when: one may live
    try (var survivor = new LedgerInstance(place, UnitProbe.NONE)) {
      // then
      everythingTookEffectOnce(Map.of("device-1", 60L));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TRANSACTION_BEGUN", "DECIDED", "COMMITTING", "COMMITTED"})
  void aUnitOfSeveralPartitionsIsAllOrNothingAndEachHasItsOutput(Point point) throws Exception {
    // No more than one poll gives: one unit.
    report("device-1", 2);
    report(ELSEWHERE, 2);
    killedAt(point, 2);

    try (var survivor = new LedgerInstance(place, UnitProbe.NONE)) {
      everythingTookEffectOnce(Map.of("device-1", 2L, ELSEWHERE, 2L));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COMMITTED", "FIRST_STEP_PUBLISHED", "SECOND_STEP_PUBLISHED"})
  void anOwnerKilledWhilePublishingLeavesItsOutputToTheNext(Point point) throws Exception {
    report("device-1", 12);
    // The publishing steps are also reached, with nothing pending, in the first claim.
    killedAt(point, point == Point.COMMITTED ? 1 : 2);

    try (var survivor = new LedgerInstance(place, UnitProbe.NONE)) {
      everythingTookEffectOnce(Map.of("device-1", 12L));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TRANSACTION_BEGUN", "COMMITTING", "COMMITTED", "FIRST_STEP_PUBLISHED"})
  void anOwnerFrozenWhileAnotherClaimsHarmsNothingWhenItThaws(Point point) throws Exception {
    report("device-1", 12);
    var frozen = process(point, point == Point.FIRST_STEP_PUBLISHED ? 2 : 1, "wait");
    try (var lines = frozen.inputReader()) {
      awaitLine(lines, "reached " + point);
      signal("-STOP", frozen);

      try (var other = new LedgerInstance(place, UnitProbe.NONE)) {
        everythingTookEffectOnce(Map.of("device-1", 12L));

        // when: the frozen one thaws at the very place it froze at, and goes on
        signal("-CONT", frozen);
        try (var go = frozen.outputWriter()) {
          go.write("\n");
        }
        awaitLine(lines, "went on");
        report("device-1", 20);

        everythingTookEffectOnce(Map.of("device-1", 32L));
      }
    } finally {
      frozen.destroyForcibly().waitFor();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TRANSACTION_BEGUN", "DECIDED", "COMMITTING", "COMMITTED"})
  void aConnectionThatBreaksAtAnyStepIsClaimedAgain(Point point) throws Exception {
    report("device-1", 12);
    var cuts = new AtomicInteger();
    try (var proxy = TcpProxy.to(place.host(), place.port());
        var instance = new LedgerInstance(
            place.withPort(proxy.port()), (reached, partition) -> {
              if (reached == point && cuts.getAndIncrement() < 2) {
                proxy.cut();
                proxy.restore();
              }
            })) {
      everythingTookEffectOnce(Map.of("device-1", 12L));
    }
    assertThat(cuts).hasValueGreaterThanOrEqualTo(2);
  }

  @Test
  void aCommitWhoseAnswerIsLostIsNotTakenForARollBack() throws Exception {
    report("device-1", 12);
    var swallowed = new AtomicInteger();
    try (var proxy = new AnswerSwallowingProxy(place.host(), place.port());
        var instance = new LedgerInstance(
            place.withPort(proxy.port()), (reached, partition) -> {
              if (reached == Point.COMMITTING && swallowed.getAndIncrement() == 0) {
                proxy.swallowTheNextAnswer();
              }
            })) {
      everythingTookEffectOnce(Map.of("device-1", 12L));
      assertThat(proxy.swallowed()).as("answers that never came").isEqualTo(1);
    }
  }

  @Test
  void anInstanceThatIsStoppedLeavesItsPartitionToAnotherAtOnce() throws Exception {
    report("device-1", 5);
    // Nobody would take it for dead before the test has failed.
    var session = Duration.ofMinutes(5);
    try (var first = new LedgerInstance(place, UnitProbe.NONE, session);
        var admin = Admin.create(Map.of("bootstrap.servers", place.kafka()))) {
      everythingTookEffectOnce(Map.of("device-1", 5L));
      try (var second = new LedgerInstance(place, UnitProbe.NONE, session)) {
        var group = "ledger-" + place.input();
        await().atMost(PATIENCE).until(() -> Objects.requireNonNull(admin.describeConsumerGroups(List.of(group)).all()
            .get().get(group)).members().size() == 2);

        first.close();
        report("device-1", 5);

        everythingTookEffectOnce(Map.of("device-1", 10L));
      }
    }
  }

  static Stream<String> recordsThatCannotBeDecided() {
    return Stream.of(Ledger.UNDECIDABLE, Ledger.BUG, "this version is too long for the column that takes it");
  }

  @ParameterizedTest
  @MethodSource("recordsThatCannotBeDecided")
  void onlyTheRecordAtFaultIsPutAside(String version) throws Exception {
    report("device-1", 2);
    send("device-1", version, Source.MQTT_BROKER);
    report("device-2", 1);
    report(ELSEWHERE, 1);

    try (var instance = new LedgerInstance(place, UnitProbe.NONE)) {
      everythingTookEffectOnce(Map.of("device-1", 2L, "device-2", 1L, ELSEWHERE, 1L));

      var dead = read(Topics.deadLetters(place.input()));
      assertThat(dead).hasSize(1);
      assertThat(KafkaRecords.textOf(dead.getFirst().headers())).containsEntry("dlt_offset", "2")
          .containsEntry("dlt_topic", place.input()).containsEntry("traceparent", TRACE).containsKey("dlt_reason")
          .containsEntry("ce_type", "dev.otaverify.device.version-reported.v1");
    }
  }

  @Test
  void whatIsNoMessageAtAllIsPutAsideUnchanged() throws Exception {
    report("device-1", 1);
    producer.send(KafkaRecords.record(place.input(), 0, "key", Map.of(), new byte[]{(byte) 0xff, 0, 1})).get();
    producer.send(KafkaRecords.record(place.input(), 0, null, Map.of(), null)).get();
    report("device-1", 1);

    try (var instance = new LedgerInstance(place, UnitProbe.NONE)) {
      everythingTookEffectOnce(Map.of("device-1", 2L));

      var dead = read(Topics.deadLetters(place.input()));
      assertThat(dead).hasSize(2);
      assertThat(dead.get(0).value()).isEqualTo(new byte[]{(byte) 0xff, 0, 1});
      assertThat(dead.get(1).value()).isNull();
    }
  }

  @Test
  void aMessageOfOursThatCannotBeDecidedStopsItsPartitionAndLosesNothing() throws Exception {
    report("device-1", 2);
    send("device-1", Ledger.BUG, Source.JOB_SERVICE);
    report("device-2", 2);
    report(ELSEWHERE, 2);

    try (var instance = new LedgerInstance(place, UnitProbe.NONE)) {
      await().atMost(PATIENCE)
          .untilAsserted(() -> assertThat(instance.worker.states().get(0)).startsWith("STOPPED: ").contains("@2"));

      await().atMost(PATIENCE)
          .untilAsserted(() -> assertThat(tallies()).isEqualTo(Map.of("device-1", 2L, ELSEWHERE, 2L)));
      assertThat(read(Topics.deadLetters(place.input()))).isEmpty();
      // What waits there is seen, also while nothing is read.
      await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
          instance.registry.get("ota.unit.lag").tag("partition", "0").gauge().value()).isEqualTo(3));
      report("device-2", 2);
      await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
          instance.registry.get("ota.unit.lag").tag("partition", "0").gauge().value()).isEqualTo(5));
      assertThat(instance.registry.get("ota.unit.partitions").tag("state", "stopped").gauge().value()).isEqualTo(1);
      assertThat(instance.worker.hearsKafka()).isTrue();
    }
  }

  @Test
  void anotherTopicUnderTheSameNameIsNotTakenForTheOld() throws Exception {
    report("device-1", 2);
    try (var instance = new LedgerInstance(place, UnitProbe.NONE)) {
      everythingTookEffectOnce(Map.of("device-1", 2L));
    }
    try (var admin = Admin.create(Map.of("bootstrap.servers", place.kafka()))) {
      admin.deleteTopics(List.of(place.input())).all().get();
      await().atMost(PATIENCE).until(() -> !admin.listTopics().names().get().contains(place.input()));
    }
    TestInfra.createTopics(Map.of(place.input(), PARTITIONS));

    try (var instance = new LedgerInstance(place, UnitProbe.NONE)) {
      await().atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(instance.worker.states().get(0)).startsWith("STOPPED: ").contains("as stored"));
    }
  }

  @Test
  void recordsThatAreGoneBeforeTheyWereReadStopThePartitionInsteadOfBeingSkipped() throws Exception {
    report("device-1", 2);
    try (var instance = new LedgerInstance(place, UnitProbe.NONE)) {
      everythingTookEffectOnce(Map.of("device-1", 2L));
    }
    report("device-1", 4);
    try (var admin = Admin.create(Map.of("bootstrap.servers", place.kafka()))) {
      admin.deleteRecords(Map.of(new TopicPartition(place.input(), 0), RecordsToDelete.beforeOffset(4))).all().get();
    }

    try (var instance = new LedgerInstance(place, UnitProbe.NONE)) {
      await().atMost(PATIENCE).untilAsserted(
          () -> assertThat(instance.worker.states().get(0)).startsWith("STOPPED: ")
              .contains("offset 2 is not in the topic"));
      assertThat(tallies()).isEqualTo(Map.of("device-1", 2L));
    }
  }

  /** The counts are exact, and the topic holds each step's numbers without a gap, first of a unit before second. */
  private void everythingTookEffectOnce(Map<String, Long> expected) {
    await().atMost(PATIENCE).untilAsserted(() -> {
      assertThat(tallies()).isEqualTo(expected);
      var published = new HashMap<String, List<Long>>();
      var ids = new LinkedHashMap<String, DeviceVersionChanged>();
      for (var record : read(place.output())) {
        var headers = KafkaRecords.textOf(record.headers());
        assertThat(headers).containsEntry("traceparent", TRACE);
        var message = Wire.decode(headers, record.value(), RegistryEvent.class);
        var data = (DeviceVersionChanged) message.data();
        var before = ids.putIfAbsent(message.id(), data);
        if (before == null) {
          published.computeIfAbsent(message.source() + " " + data.deviceName(), key -> new ArrayList<>())
              .add(message.sequence());
          if (message.source().equals(Source.STATUS_AGGREGATOR)) {
            assertThat(ids).as("second step before first").containsKey(
                Message.event(Source.DEVICE_DISPATCHER, message.subject(), message.sequence(), AT, data).id());
          }
        } else {
          assertThat(data).as("published again as it was").isEqualTo(before);
        }
      }
      expected.forEach((device, count) -> {
        var numbers = Stream.iterate(1L, number -> number + 1).limit(count).toList();
        assertThat(published).containsEntry(Source.DEVICE_DISPATCHER + " " + device, numbers)
            .containsEntry(Source.STATUS_AGGREGATOR + " " + device, numbers);
      });
    });
  }

  private void killedAt(Point point, int occurrence) throws IOException, InterruptedException {
    var process = process(point, occurrence, "halt");
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends at " + point).isTrue();
      assertThat(process.exitValue()).as(point.name()).isEqualTo(LedgerInstance.HALTED);
    } finally {
      process.destroyForcibly();
    }
  }

  private Process process(Point point, int occurrence, String mode) throws IOException {
    var command = new ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC", "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            LedgerInstance.class.getName()));
    command.addAll(List.of(place.toArgs()));
    command.addAll(List.of(point.name(), Integer.toString(occurrence), mode));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static void signal(String signal, Process process) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor()).isZero();
  }

  /** Passes over what the process logs. */
  private static void awaitLine(BufferedReader lines, String expected) throws IOException {
    for (var line = lines.readLine(); !expected.equals(line); line = lines.readLine()) {
      assertThat(line).as("output until '" + expected + "'").isNotNull();
    }
  }

  private void report(String device, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      send(device, "1.0." + sent, Source.MQTT_BROKER);
    }
  }

  private void send(String device, String version, String source) throws Exception {
    var id = new DeviceId(PRODUCT, new DeviceName(device));
    var encoded = Wire.encode(Message.unnumbered("report-" + sent++, source, id.key(), AT,
        (DeviceInput) new VersionReported(id, ModuleName.DEFAULT, version, AT)));
    var headers = new HashMap<>(encoded.headers());
    headers.put("traceparent", TRACE);
    producer.send(KafkaRecords.record(place.input(), device.equals(ELSEWHERE) ? 1 : 0, device, headers,
        encoded.value().getBytes(StandardCharsets.UTF_8))).get();
  }

  private List<ConsumerRecord<String, byte[]>> read(String topic) {
    var settings = new Properties();
    settings.put("bootstrap.servers", place.kafka());
    var all = new ArrayList<ConsumerRecord<String, byte[]>>();
    try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      var partitions = List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream()
          .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
      }
    }
    return all;
  }

  private Map<String, Long> tallies() throws SQLException {
    var tallies = new HashMap<String, Long>();
    try (var connection = DriverManager.getConnection(jdbcUrl(), place.user(), place.password());
        var rows = connection.createStatement().executeQuery("select device, reports from tally")) {
      while (rows.next()) {
        tallies.put(rows.getString(1), rows.getLong(2));
      }
    }
    return tallies;
  }

  private void execute(String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(jdbcUrl(), place.user(), place.password())) {
      connection.createStatement().execute(sql);
    }
  }

  private String jdbcUrl() {
    return "jdbc:postgresql://" + place.host() + ":" + place.port() + "/" + place.database();
  }
}
