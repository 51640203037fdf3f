// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput.VersionReported;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.kit.deadletters.DeadLettersCommand;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** What an operator does with a stack that has a history: each command as it is typed after {@code ./ota}. */
@SuppressWarnings("try") // a device works by being there
class OperationsIT {
  private static final byte[] CONTENT = "a firmware\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  static Path state;

  private static Settings settings;
  private static LocalStack stack;

  @BeforeAll
  static void aStack() {
    settings = Settings.openOrMake(state, Settings.Ports.FREE, Duration.ofSeconds(1));
    SharedStack.stop();
    stack = LocalStack.start(settings);
  }

  @AfterAll
  static void stops() {
    stack.close();
  }

  @Test
  void aDeadLetterIsListedShownAndReplayedOnce() throws Exception {
    // given: poison, on the log of devices and of commands
    var poison = Map.of("ce_id", "poison-1", "ce_source", Source.MQTT_BROKER, "ce_type",
        "dev.otaverify.device.version-reported.v1", "ce_subject", "x", "ce_time", "2026-11-23T00:00:00Z");
    send(Topics.DEVICE_INPUTS, 7, "a1000000000/poisoned", poison, "{\"device\": 7, \"deviceSecret\": \"hush\"}");
    var command = new HashMap<>(poison);
    command.putAll(Map.of("ce_source", Source.API_GATEWAY, "ce_type", "dev.otaverify.command.delete-product.v1",
        "ce_expiresat", "2026-11-23T00:00:05Z"));
    send(Topics.COMMANDS, 3, "a1000000000", command, "no JSON");
    await().atMost(PATIENCE).until(() -> dlt("list").lines().count() == 2);

    // when listed and shown
    var listed = ota("dlt", "list");
    assertThat(listed).contains("ota.commands.dlt-3@0 ")
        .containsPattern(
            "ota.device.inputs.dlt-7@0 +20\\S+Z  a1000000000/poisoned  dev.otaverify.device.version-reported.v1  .+");
    var shown = ota("dlt", "show", "ota.device.inputs.dlt-7@0", "--kafka", settings.address(Part.KAFKA));
    assertThat(shown)
        .contains("stood at   ota.device.inputs-7@0", "replayed   no", "  ce_id: poison-1", "\"device\" : 7", "***")
        .doesNotContain("hush");
    assertThat(dlt("show", "ota.commands.dlt-3@0")).contains("expired    its time limit is over", "no JSON");

    // then a replay puts it where it stood, where it is put aside again, with a trace of where it came from
    var replayed = ota("dlt", "replay", "ota.device.inputs.dlt-7@0");
    assertThat(replayed).isEqualTo("ota.device.inputs.dlt-7@0 replayed to ota.device.inputs-7@1\n");
    await().atMost(PATIENCE).until(() -> dlt("list").lines().count() == 3);
    assertThat(dlt("list")).containsPattern("dlt-7@0 .*\\(replayed 20\\S+Z to ota.device.inputs-7@1\\)");
    var second = dlt("list", "--topic", "ota.device.inputs.dlt").lines().skip(1).findFirst().orElseThrow();
    assertThat(dlt("show", second.substring(0, second.indexOf(' ')))).contains("stood at   ota.device.inputs-7@1",
        "  replayed_from: ota.device.inputs.dlt-7@0", "  ce_id: poison-1", "\"device\" : 7");

    // and only once
    assertThatThrownBy(() -> dlt("replay", "ota.device.inputs.dlt-7@0")).hasMessageContaining(
        "id: ota.device.inputs.dlt-7@0 was replayed").hasMessageContaining("--again");
    assertThat(dlt("replay", "ota.device.inputs.dlt-7@0", "--again")).contains("replayed to ota.device.inputs-7@2");
    await().atMost(PATIENCE).until(() -> dlt("list").lines().count() == 4);
    assertThat(dlt("replay", "--all", "--topic", "ota.commands.dlt"))
        .contains("ota.commands.dlt-3@0 replayed to ota.commands-3@", "; its time limit is over");
    await().atMost(PATIENCE).until(() -> dlt("list").lines().count() == 5);
  }

  @Test
  void whatABugPutAsideTakesEffectWhenItIsReplayed() throws Exception {
    // given: a report that an earlier version could not decide on
    var api = ApiClient.of(settings);
    var product = api.call("CreateProduct", Map.of("ProductName", "replayed", "NodeType", "0")).path("ProductKey")
        .asString();
    var device = Map.of("ProductKey", product, "DeviceName", "device-01");
    api.call("RegisterDevice", device);
    var id = new DeviceId(new ProductKey(product), new DeviceName("device-01"));
    var report = Wire.encode(Message.unnumbered("report-1", Source.MQTT_BROKER, id.key(), Instant.now(),
        new VersionReported(id, ModuleName.DEFAULT, "1.2.3", Instant.now())));
    var headers = new HashMap<>(report.headers());
    headers.putAll(
        Map.of("dlt_reason", "a bug", "dlt_topic", Topics.DEVICE_INPUTS, "dlt_partition", "5", "dlt_offset", "0"));
    long offset = send(Topics.deadLetters(Topics.DEVICE_INPUTS), 5, id.key(), headers, report.value());

    dlt("replay", "ota.device.inputs.dlt-5@" + offset);

    await().atMost(PATIENCE)
        .untilAsserted(() -> assertThat(api.call("QueryDeviceDetail", device).toString()).contains("1.2.3"));
  }

  @Test
  void whatIsNotThereIsSaidWithWhatWasExpected() {
    assertThatThrownBy(() -> dlt("show", "ota.commands.dlt-3@4711")).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("id: ota.commands.dlt-3@4711 (expected: one of dlt list)");
    assertThatThrownBy(() -> dlt("replay", "ota.commands-3@1"))
        .hasMessageContaining("id: ota.commands-3@1 (expected: ");
    assertThatThrownBy(() -> dlt("list", "--topic", "other.dlt"))
        .hasMessageContaining("topic: other.dlt is not there (expected: ");
    assertThatThrownBy(() -> dlt("list", "--topic", "ota.commands"))
        .hasMessageContaining("(expected: one that ends with .dlt)");
    assertThatThrownBy(() -> dlt("replay", "--all")).hasMessageContaining("(expected: --topic TOPIC");
    assertThatThrownBy(() -> dlt("bury")).hasMessageContaining("(expected: list, show or replay)");
    assertThatThrownBy(() -> dlt("list", "--kafka", "127.0.0.1:1")).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("kafka: 127.0.0.1:1: ").hasMessageContaining("(expected: a broker that answers there");
  }

  @Test
  void tablesBuiltAnewFromTheTopicsAreThoseInUseAndNothingIsPublishedMeanwhile() throws Exception {
    // given: verdicts, what was changed and deleted, and a job that goes on
    var calls = new OtaCalls(ApiClient.of(settings));
    var output = new ByteArrayOutputStream();
    var demo = new Demo(ApiClient.of(settings), "127.0.0.1", settings.port(Part.MQTT_BROKER),
        new Demo.Plan(3, 1, 1, 5, false),
        new PrintStream(output, true, StandardCharsets.UTF_8));
    assertThat(demo.run()).as("one fails").isFalse();
    var api = ApiClient.of(settings);
    var product = calls.createProduct("rebuilt");
    var file = calls.upload(CONTENT);
    for (var name : List.of("device-open", "device-gone", "device-off")) {
      api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", name));
    }
    api.call("CreateOTAModule", Map.of("ProductKey", product, "ModuleName", "mcu"));
    api.call("DeleteOTAModule", Map.of("ProductKey", product, "ModuleName", "mcu"));
    api.call("DeleteDevice", Map.of("ProductKey", product, "DeviceName", "device-gone"));
    api.call("DisableThing", Map.of("ProductKey", product, "DeviceName", "device-off"));
    calls.createVerifyJob(product, calls.createFirmware(product, "goes_on", "2.0.0", file), List.of("device-open"),
        1440);
    api.call("DeleteOTAFirmware", Map.of("FirmwareId", calls.createFirmware(product, "deleted", "2.0.0", file)));
    var canceled = calls.createVerifyJob(product, calls.createFirmware(product, "canceled", "2.0.0", file),
        List.of("device-off"), 1440);
    api.call("CancelOTATaskByJob", Map.of("JobId", canceled, "CancelQueuedTask", "true"));
    var before = log().settled();

    var printed = ota("rebuild");

    assertThat(printed).contains("status_aggregator_rebuilt: 24 partitions folded up to their ends")
        .containsPattern("task_history +\\d+ +[0-9a-f]+ +\\d+ +[0-9a-f]+ +equal")
        .doesNotContain("DIFFERENT", "not compared");
    assertThat(printed.lines().filter(line -> line.endsWith("equal"))).hasSizeGreaterThanOrEqualTo(7);
    assertThat(log().ends()).as("of all topics").isEqualTo(before);
    assertThatThrownBy(() -> ota("rebuild", "--switch")).hasMessageContaining("a status-aggregator that is stopped");
  }

  @Test
  void databasesRestoredFromABackUpCatchUpWithWhatKafkaHolds() throws Exception {
    // given: a back-up of a stack with a verdict and with a job that goes on
    var calls = new OtaCalls(ApiClient.of(settings));
    var product = calls.createProduct("restored");
    var file = calls.upload(CONTENT);
    var secrets = new HashMap<String, String>();
    for (var name : List.of("device-1", "device-2")) {
      secrets.put(name,
          ApiClient.of(settings).call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", name)).path("Data")
              .path("DeviceSecret").asString());
    }
    var firmware = new ArrayList<String>();
    firmware.add(verified(calls, product, "before", "2.0.0", file, secrets));
    var open = calls.createFirmware(product, "open", "2.5.0", file);
    calls.createVerifyJob(product, open, List.of("device-2"), 1000);
    ota("rebuild");
    stack.close();
    assertThat(ota("rebuild", "--switch"))
        .contains("status_aggregator is the rebuilt one now; what was in use is kept as");
    copy(state.resolve("postgres"), state.resolve("back-up"));
    stack = LocalStack.start(settings);
    // and work that it does not have
    firmware.add(verified(calls, product, "after_1", "3.0.0", file, secrets));
    firmware.add(verified(calls, product, "after_2", "4.0.0", file, secrets));
    var api = ApiClient.of(settings);
    api.call("UpdateProduct", Map.of("ProductKey", product, "ProductName", "restored later"));
    api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", "device-3"));
    var fleet = Files.writeString(state.resolve("fleet.csv"),
        """
        ProductKey,ProductName,ProductSecret,NodeType,DeviceName,DeviceSecret,Nickname
        %s,,,,imported,devsecret0123456789,
        """.formatted(product));
    ota("import", fleet.toString());
    var deleted = calls.createFirmware(product, "deleted_later", "5.0.0", file);
    api.call("DeleteOTAFirmware", Map.of("FirmwareId", deleted));
    log().settled();
    var answers = answers(product, firmware);
    var events = events();

    // when: the databases are put back, and Kafka stays
    stack.close();
    FileSystemUtils.deleteRecursively(state.resolve("postgres"));
    copy(state.resolve("back-up"), state.resolve("postgres"));
    stack = LocalStack.start(settings);

    // then: everything is as it was, by the same events
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(answers(product, firmware)).isEqualTo(answers));
    log().settled();
    assertThat(answers(product, firmware)).isEqualTo(answers);
    assertThat(events()).as("type and data but for times, by id").isEqualTo(events);
    assertThatThrownBy(
        () -> api.call("CreateOTAVerifyJob", Map.of("ProductKey", product, "FirmwareId", firmware.getLast(),
            "TargetDeviceName.1", "device-1")))
        .hasMessageContaining("iot.ota.");
    // and it goes on: what ran gets its verdict, and new work its numbers
    try (var device = device(product, "device-2", secrets, "1.0.0")) {
      await().atMost(PATIENCE).until(() -> calls.firmware(open).path("Status").asInt() == OtaCalls.VERIFIED);
    }
    verified(calls, product, "much_later", "6.0.0", file, secrets);
    api.call("UpdateProduct", Map.of("ProductKey", product, "ProductName", "restored at last"));
    assertThat(api.call("QueryProduct", Map.of("ProductKey", product)).toString()).contains("restored at last");
  }

  private static String verified(OtaCalls calls, String product, String name, String version,
      OtaCalls.UploadedFile file,
      Map<String, String> secrets) {
    var firmware = calls.createFirmware(product, name, version, file);
    try (var device = device(product, "device-1", secrets, "1.0.0")) {
      device.informed().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
      calls.createVerifyJob(product, firmware, List.of("device-1"), 1000);
      await().atMost(PATIENCE).until(() -> calls.firmware(firmware).path("Status").asInt() == OtaCalls.VERIFIED);
    }
    return firmware;
  }

  private static SimulatedDevice device(String product, String name, Map<String, String> secrets, String version) {
    return SimulatedDevice
        .builder("127.0.0.1", settings.port(Part.MQTT_BROKER), product, name, secrets.getOrDefault(name, ""))
        .version(version).pause(Duration.ofMillis(20)).start();
  }

  /** What clients are shown, but for times. */
  private static List<String> answers(String product, List<String> firmware) {
    var api = ApiClient.of(settings);
    var answers = new ArrayList<String>();
    var page = Map.of("CurrentPage", "1", "PageSize", "20");
    for (var id : firmware) {
      answers.add(api.call("QueryOTAFirmware", Map.of("FirmwareId", id)).path("FirmwareInfo").toString());
      var jobs = new HashMap<>(page);
      jobs.put("FirmwareId", id);
      var all = api.call("ListOTAJobByFirmware", jobs).path("Data");
      answers.add(all.toString());
    }
    var ofProduct = new HashMap<>(page);
    ofProduct.put("ProductKey", product);
    answers.add(api.call("QueryProduct", Map.of("ProductKey", product)).path("Data").toString());
    answers.add(api.call("ListOTAFirmware", ofProduct).toString());
    answers.add(api.call("QueryDevice", ofProduct).toString());
    return answers.stream().map(answer -> answer
        .replaceAll(
            "\"(?:RequestId|ProductSecret|DeviceSecret|UtcCreate|UtcModified|Gmt\\w+|Utc\\w+|DeviceStatus)\":(\"[^\"]*\"|\\d+),?",
            "")
        .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")).toList();
  }

  /** All events about firmware by their ids, without their times. */
  private static SortedMap<String, String> events() {
    var events = new TreeMap<String, String>();
    for (var record : log().records(List.of(Topics.FIRMWARE_EVENTS))) {
      var headers = KafkaRecords.textOf(record.headers());
      var event = headers.get("ce_type") + " "
          + new String(record.value(), StandardCharsets.UTF_8).replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME");
      var earlier = events.put(headers.get("ce_id"), event);
      assertThat(earlier == null ? event : earlier).as("published again").isEqualTo(event);
    }
    return events;
  }

  private static void copy(Path from, Path to) throws Exception {
    // With its permissions, without which PostgreSQL does not start.
    assertThat(new ProcessBuilder("cp", "-a", from.toString(), to.toString()).inheritIO().start().waitFor()).isZero();
  }

  /** What {@code ./ota} prints, as the process that it is. */
  private static String ota(String... words) throws Exception {
    var process = StackProcess.of(state, "command", Main.class, List.of(words)).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** The same within this process, where it is quicker. */
  private static String dlt(String... words) {
    var output = new ByteArrayOutputStream();
    DeadLettersCommand.run(settings.address(Part.KAFKA), List.of(words),
        new PrintStream(output, true, StandardCharsets.UTF_8));
    return output.toString(StandardCharsets.UTF_8);
  }

  private static StackLog log() {
    return new StackLog(settings);
  }

  private static long send(String topic, int partition, String key, Map<String, String> headers, String value)
      throws Exception {
    try (var producer = new KafkaProducer<>(Map.<String, Object>of("bootstrap.servers", settings.address(Part.KAFKA)),
        new StringSerializer(), new ByteArraySerializer())) {
      return producer.send(KafkaRecords.record(topic, partition, key, headers, value.getBytes(StandardCharsets.UTF_8)))
          .get(30, TimeUnit.SECONDS).offset();
    }
  }
}
