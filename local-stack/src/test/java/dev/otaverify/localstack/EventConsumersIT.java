// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What other systems read of a verification on three devices, which come one after the other, so that there is one order for
 * all that happens: by the example consumers, as processes that know nothing of ours but the schemas.
 */
class EventConsumersIT {
  private static final byte[] CONTENT = "a firmware\n".repeat(100).getBytes(StandardCharsets.UTF_8);
  private static final List<String> DEVICES = List.of("device-01", "device-02", "device-03");

  /** Written down from what was done: writer, subject, its number, type, and what tells it from others of the type. */
  private static final List<String> EXPECTED = List.of(
      "job-service firmware 1 firmware.created 2.0.0",
      "job-service firmware 2 firmware.verify-job-created device-01 device-02 device-03",
      "device-dispatcher device-01 1 task.device-observed CONNECTED",
      "device-dispatcher device-01 2 task.device-observed VERSION_REPORTED",
      "device-dispatcher device-01 3 task.notified 1",
      "device-dispatcher device-01 4 task.progressed 50",
      "device-dispatcher device-01 5 task.succeeded 2.0.0",
      "device-dispatcher device-02 1 task.device-observed CONNECTED",
      "device-dispatcher device-02 2 task.device-observed VERSION_REPORTED",
      "device-dispatcher device-02 3 task.notified 1",
      "device-dispatcher device-02 4 task.progressed 50",
      "device-dispatcher device-02 5 task.succeeded 2.0.0",
      "device-dispatcher device-03 1 task.device-observed CONNECTED",
      "device-dispatcher device-03 2 task.device-observed VERSION_REPORTED",
      "device-dispatcher device-03 3 task.notified 1",
      "device-dispatcher device-03 4 task.progressed 50",
      "device-dispatcher device-03 5 task.succeeded 2.0.0",
      "status-aggregator job 1 job.completed false",
      "status-aggregator job 2 firmware.verified");

  @TempDir
  static Path directory;

  private static Settings settings;
  private static LocalStack stack;
  private static List<Consumer> consumers;

  @BeforeAll
  static void aStackAndItsConsumers() throws Exception {
    settings = Settings.openOrMake(directory.resolve("stack"), Settings.Ports.FREE, Duration.ofSeconds(1));
    SharedStack.stop();
    stack = LocalStack.start(settings);
    consumers = installed();
  }

  @AfterAll
  static void stopsAsAWhole() {
    stack.close();
  }

  @Test
  void aVerificationIsReadExactlyAsItHappenedByConsumersThatAreKilledStartedAgainAndStartedAnew() throws Exception {
    var following = new ArrayList<Run>();
    for (var consumer : consumers) {
      following.add(consumer.start("following", Topics.FIRMWARE_EVENTS, false));
    }
    try {
      verify();
      for (var run : following) {
        // Until a start without end has what it is to have; a start that is to end does that by itself.
        await().atMost(Duration.ofMinutes(2)).until(() -> run.lines().size() >= EXPECTED.size());
      }
    } finally {
      following.forEach(run -> run.process().destroyForcibly());
    }
    for (var run : following) {
      assertThat(events(run.lines())).as(run.toString()).isEqualTo(EXPECTED);
    }

    for (var consumer : consumers) {
      // As after a crash in the middle of a line: the last three events were not taken.
      var lines = Files.readAllLines(consumer.file("following"));
      var torn = String.join("\n", lines.subList(0, EXPECTED.size() - 3)) + "\n" + lines.getLast().substring(0, 50);
      Files.writeString(consumer.file("following"), torn);
    }
    var again = runs(consumers, "following", Topics.FIRMWARE_EVENTS);
    var nothingNew = runs(consumers, "following", Topics.FIRMWARE_EVENTS);
    var anew = runs(consumers, "anew", Topics.FIRMWARE_EVENTS);

    for (int i = 0; i < consumers.size(); i++) {
      assertThat(events(again.get(i))).as("again").isEqualTo(EXPECTED.subList(EXPECTED.size() - 3, EXPECTED.size()));
      assertThat(nothingNew.get(i)).as("nothing new").isEmpty();
      assertThat(events(anew.get(i))).as("anew").isEqualTo(EXPECTED);
      assertThat(Files.readAllLines(consumers.get(i).file("following"))).isEqualTo(anew.get(i));
    }

    // What they all rest on: every record of both topics is as the AsyncAPI document says.
    var records = Stream.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS).flatMap(topic -> read(topic).stream())
        .toList();
    assertThat(records).hasSize(EXPECTED.size() + 1 + 5 * DEVICES.size())
        .allSatisfy(record -> assertThat(EventContract.errors(KafkaRecords.textOf(record.headers()), record.value()))
            .isEmpty());
    var headers = KafkaRecords.textOf(records.getFirst().headers());
    headers.put("ce_sequence", "first");
    assertThat(EventContract.errors(headers, records.getFirst().value())).hasSize(1);
  }

  @Test
  void aRepeatIsDroppedWhatIsNewerIsLeftAloneAndAGapStops() throws Exception {
    var verified = Map.of("firmwareId", "Fht6EWXdQPUX19aaVTvx03", "jobId", "Fht6EWXdQPUX19aaVTvxmzzIIBpK02", "at",
        "2026-11-23T09:00:00Z");
    var observed = Map.of("taskId", "Fht6EWXdQPUX19aaVTvxmzzIIBpK00000001", "device",
        Map.of("productKey", "a1aXmduf1xS", "deviceName", "hall-0001"), "observation", "HEARD_OF_LATER", "detail", "",
        "at", "2026-11-23T09:00:00Z", "added", "later");
    var topic = topic("gap");
    write(topic, "firmware.verified.v1", 1, verified);
    write(topic, "firmware.verified.v1", 1, verified);
    write(topic, "firmware.praised.v1", 2, Map.of("by", "everybody"));
    write(topic, "task.device-observed.v1", 3, observed);
    write(topic, "firmware.verified.v1", 1, verified);
    write(topic, "firmware.verified.v1", 5, verified);

    for (var consumer : consumers) {
      var run = consumer.start("gap", topic, true);

      assertThat(run.process().waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(run.process().exitValue()).as(run.errors()).isEqualTo(1);
      assertThat(run.errors()).contains("number 5 of /otaverify/somebody something (expected: 4;");
      assertThat(run.lines().stream().map(line -> Wire.JSON.readTree(line).path("sequence").asInt()))
          .containsExactly(1, 3);
    }
  }

  @Test
  void anEventThatIsNotAsItsSchemaSaysStops() throws Exception {
    var topic = topic("wrong");
    write(topic, "firmware.verified.v1", 1, Map.of("firmwareId", "Fht6EWXdQPUX19aaVTvx03", "jobId", 7));

    for (var consumer : consumers) {
      var run = consumer.start("wrong", topic, true);

      assertThat(run.process().waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(run.process().exitValue()).as(run.errors()).isEqualTo(1);
      assertThat(run.errors()).contains("jobId", "'at'", "(expected: valid dev.otaverify.firmware.verified.v1)");
      assertThat(run.lines()).isEmpty();
    }
  }

  /** One device after the other comes, is upgraded and goes. */
  private static void verify() throws Exception {
    var verification = Verification.of(ApiClient.of(settings), "followed", CONTENT);
    var secrets = new HashMap<String, String>();
    DEVICES.forEach(name -> secrets.put(name, verification.device(name)));
    var job = verification.begin(DEVICES.getFirst(), 600,
        Map.of("TargetDeviceName.2", DEVICES.get(1), "TargetDeviceName.3", DEVICES.get(2)));
    for (var name : DEVICES) {
      try (var device = new LinkSdkC(settings.port(Part.MQTT_BROKER), verification.product(), name,
          secrets.getOrDefault(name, ""), true)) {
        await().atMost(Duration.ofMinutes(2)).until(() -> verification.taskStatus(job, name).equals("SUCCEEDED"));
        assertThat(device.urls).hasSize(1);
      }
      await().atMost(Duration.ofMinutes(2)).until(() -> verification.deviceStatus(name).equals("OFFLINE"));
    }
    assertThat(verification.awaitVerdict()).isEqualTo(1);
  }

  /** A consumer as its users start it. */
  private interface Consumer {
    Path directory();

    ProcessBuilder process(Map<String, String> environment);

    default Path file(String name) {
      return directory().resolve(name + ".jsonl");
    }

    default Run start(String name, String topic, boolean untilEnd) throws IOException {
      var output = Files.createTempFile(directory(), name, ".out");
      var errors = Files.createTempFile(directory(), name, ".err");
      var process = process(Map.of("BOOTSTRAP_SERVERS", settings.address(Part.KAFKA), "TOPIC", topic, "FILE",
          file(name).toString(), "UNTIL_END", String.valueOf(untilEnd))).redirectOutput(output.toFile())
          .redirectError(errors.toFile()).start();
      return new Run(process, output, errors);
    }
  }

  /** One start of a consumer. */
  private record Run(Process process, Path outputFile, Path errorsFile) {
    List<String> lines() throws IOException {
      var text = Files.readString(outputFile);
      return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    String errors() throws IOException {
      return Files.readString(errorsFile);
    }
  }

  private record JavaConsumer(Path directory) implements Consumer {
    @Override
    public ProcessBuilder process(Map<String, String> environment) {
      var lib = Path.of("../examples/event-consumer-java/target/lib").toAbsolutePath();
      var builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", lib + "/*", "dev.otaverify.examples.EventConsumer");
      builder.environment().putAll(environment);
      return builder;
    }
  }

  private record NodeConsumer(Path directory, NodeProgram program) implements Consumer {
    @Override
    public ProcessBuilder process(Map<String, String> environment) {
      var all = new HashMap<>(environment);
      all.put("SCHEMAS", Path.of("../shared-contracts/src/main/resources/dev/otaverify/contracts/schemas")
          .toAbsolutePath().toString());
      return program.process(all);
    }
  }

  /** Starts them together, lets them read to the end, and returns what each printed. */
  private static List<List<String>> runs(List<Consumer> consumers, String name, String topic) throws Exception {
    var runs = new ArrayList<Run>();
    for (var consumer : consumers) {
      runs.add(consumer.start(name, topic, true));
    }
    var lines = new ArrayList<List<String>>();
    for (var run : runs) {
      assertThat(run.process().waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(run.process().exitValue()).as(run.errors()).isZero();
      lines.add(run.lines());
    }
    return lines;
  }

  /** As {@link #EXPECTED} has them. */
  private static List<String> events(List<String> lines) {
    return lines.stream().map(Wire.JSON::readTree).map(EventConsumersIT::event).toList();
  }

  private static String event(JsonNode event) {
    var subject = event.path("subject").asString();
    var writer = event.path("source").asString().substring("/otaverify/".length());
    assertThat(event.path("id").asString()).isEqualTo(writer + ":" + subject + ":" + event.path("sequence"));
    assertThat(event.path("key").asString()).isEqualTo(subject.substring(0, 20) + "03");
    var name = switch (subject.substring(subject.length() - 2)) {
      case "03" -> "firmware";
      case "02" -> "job";
      default -> DEVICES.get(Integer.parseInt(subject.substring(28, 34)));
    };
    var type = event.path("type").asString().replaceAll("^dev\\.otaverify\\.|\\.v1$", "");
    var data = event.path("data");
    var detail = switch (type) {
      case "firmware.created" -> data.at("/spec/destVersion").asString();
      case "firmware.verify-job-created" -> data.path("targets").valueStream()
          .map(target -> target.path("deviceName").asString()).collect(Collectors.joining(" "));
      case "task.device-observed" -> data.path("observation").asString();
      case "task.notified" -> data.path("attempt").asString();
      case "task.progressed" -> data.path("percent").asString();
      case "task.succeeded" -> data.path("version").asString();
      case "job.completed" -> data.path("canceled").asString();
      default -> "";
    };
    return "%s %s %s %s %s".formatted(writer, name, event.path("sequence"), type, detail).strip();
  }

  private static List<Consumer> installed() throws Exception {
    var consumers = new ArrayList<Consumer>();
    consumers.add(new JavaConsumer(Files.createTempDirectory(directory, "java")));
    var node = Files.createTempDirectory(directory, "node");
    NodeProgram.tryInstall(Path.of("../examples/event-consumer-node"), "consumer.js", node)
        .ifPresent(program -> consumers.add(new NodeConsumer(node, program)));
    return consumers;
  }

  private static String topic(String name) throws Exception {
    try (var admin = Admin.create(Map.of("bootstrap.servers", settings.address(Part.KAFKA)))) {
      admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
    }
    return name;
  }

  private static void write(String topic, String type, int number, Map<String, ?> data) throws Exception {
    var headers = new TreeMap<>(Map.of("ce_specversion", "1.0", "ce_id", "somebody:something:" + number, "ce_source",
        "/otaverify/somebody", "ce_type", "dev.otaverify." + type, "ce_subject", "something", "ce_time",
        "2026-11-23T09:00:00Z", "content-type", "application/json", "ce_sequence", String.valueOf(number)));
    try (var producer = new KafkaProducer<>(Map.<String, Object>of("bootstrap.servers", settings.address(Part.KAFKA)),
        new StringSerializer(), new ByteArraySerializer())) {
      producer.send(KafkaRecords.record(topic, null, "key", headers,
          Wire.JSON.writeValueAsString(data).getBytes(StandardCharsets.UTF_8))).get();
    }
  }

  /** All that is in the topic. */
  private static List<ConsumerRecord<String, byte[]>> read(String topic) {
    var records = new ArrayList<ConsumerRecord<String, byte[]>>();
    try (var consumer = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", settings.address(Part.KAFKA)),
        new StringDeserializer(), new ByteArrayDeserializer())) {
      var partitions = IntStream.range(0, Topics.PARTITIONS).mapToObj(number -> new TopicPartition(topic, number))
          .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }
}
