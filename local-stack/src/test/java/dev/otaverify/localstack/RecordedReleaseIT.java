// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.simulator.Behaviour;
import dev.otaverify.simulator.SimulatedDevice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The services of today on what an earlier release has written, as they meet it in a rolling upgrade. */
@SuppressWarnings("try") // a device works by being there
class RecordedReleaseIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, Class<?>> FAMILIES = Map.of(Topics.COMMANDS, Command.class, Topics.DEVICE_INPUTS,
      DeviceInput.class,
      Topics.FIRMWARE_EVENTS, FirmwareEvent.class, Topics.REGISTRY_EVENTS, RegistryEvent.class, Topics.REPLIES,
      Reply.class);
  /** Who reads what, by consumer group. */
  private static final Map<String, String> READERS = Map.of("job-service", Topics.COMMANDS, "device-dispatcher",
      Topics.DEVICE_INPUTS,
      "status-aggregator", Topics.FIRMWARE_EVENTS, "status-aggregator-registry", Topics.REGISTRY_EVENTS,
      "api-gateway-webhooks",
      Topics.FIRMWARE_EVENTS);

  /** How long services keep what is over. */
  private static final List<String> KEPT = List.of("ota.aggregator.job-retention", "ota.job-service.job-retention",
      "ota.dispatcher.task-retention");

  @TempDir
  Path state;

  @ParameterizedTest
  @MethodSource("dev.otaverify.localstack.RecordedRelease#all")
  void everyMessageIsReadAlsoWithWhatALaterWriterAdds(RecordedRelease release) {
    for (var record : release.log()) {
      var family = FAMILIES.getOrDefault(record.topic(), Object.class);

      var message = Wire.decode(record.headers(), record.bytes(), family);

      var added = record.addedTo();
      assertThat(Wire.decode(added.headers(), added.bytes(), family).data()).isEqualTo(message.data());
    }
  }

  /** As with databases that are older than Kafka: empty ones. So all is decided on again, as of when it was written. */
  @ParameterizedTest
  @MethodSource("dev.otaverify.localstack.RecordedRelease#all")
  void whatItWroteIsDecidedAndShownAsItWas(RecordedRelease release) throws Exception {
    // given: its log, as a later version might have written it, and readers that had come to the end of it
    SharedStack.stop();
    var settings = Settings.openOrMake(state, Settings.Ports.FREE, Duration.ofSeconds(1));
    try (var kafka = Part.KAFKA.start(settings)) {
      load(settings, release);
    }

    // when, however long ago that was
    KEPT.forEach(property -> System.setProperty(property, "0"));
    try (var stack = LocalStack.start(settings)) {
      // then: the queries show what they showed
      var api = ApiClient.of(settings);
      await().atMost(PATIENCE.multipliedBy(3)).untilAsserted(() -> release.answers().forEach(recorded -> assertThat(
          RecordedRelease.Answer.of(api, recorded.action(), recorded.parameters())).isEqualTo(recorded)));
      new StackLog(settings).settled();
      // and from each command and input follows what followed
      assertThat(byId(RecordedRelease.log(settings))).isEqualTo(byId(release.log()));
    } finally {
      KEPT.forEach(System::clearProperty);
    }
  }

  /** Events, assignments and conclusions by id, without times. Each is the same each time that it is published. */
  private static Map<String, String> byId(List<RecordedRelease.Written> log) {
    var byId = new TreeMap<String, String>();
    for (var record : log) {
      if (List.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS).contains(record.topic())) {
        var text = record.headers().get("ce_type") + " " + withoutTimes(record.value());
        var earlier = byId.put(record.topic() + " " + record.headers().get("ce_id"), text);
        assertThat(earlier == null ? text : earlier).as(record.headers().get("ce_id")).isEqualTo(text);
      }
    }
    return byId;
  }

  private static String withoutTimes(JsonNode value) {
    var known = value.deepCopy();
    if (known instanceof ObjectNode object) {
      object.remove("addedLater");
    }
    return known.toString().replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME");
  }

  private static void load(Settings settings, RecordedRelease release) throws Exception {
    var kafka = Map.<String, Object>of("bootstrap.servers", settings.address(Part.KAFKA));
    try (var producer = new KafkaProducer<>(kafka, new StringSerializer(), new ByteArraySerializer())) {
      var sent = new ArrayList<Future<RecordMetadata>>();
      for (var record : release.log()) {
        var added = record.addedTo();
        var headers = added.headers().entrySet().stream().<Header>map(
            header -> new RecordHeader(header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8))).toList();
        if (!record.topic().equals(Topics.REPLIES)) {
          sent.add(producer.send(new ProducerRecord<>(record.topic(), record.partition(), record.timestamp(),
              record.key(), added.bytes(), headers)));
        }
      }
      // One that is missing would be taken for a decision that has changed.
      for (var record : sent) {
        record.get(30, TimeUnit.SECONDS);
      }
    }
    var ends = new StackLog(settings).ends();
    try (var admin = Admin.create(kafka)) {
      for (var reader : READERS.entrySet()) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        ends.forEach((partition, end) -> {
          if (partition.topic().equals(reader.getValue())) {
            offsets.put(partition, new OffsetAndMetadata(end));
          }
        });
        admin.alterConsumerGroupOffsets(reader.getKey(), offsets).all().get(30, TimeUnit.SECONDS);
      }
    }
  }

  /** Writes the files of a release: see docs/RELEASING.md. */
  @Test
  @EnabledIfSystemProperty(named = "ota.record", matches = "\\d+\\.\\d+\\.\\d+")
  void aReleaseIsRecorded() throws Exception {
    var settings = Settings.openOrMake(state, Settings.Ports.FREE, Duration.ofSeconds(1));
    SharedStack.stop();
    try (var stack = LocalStack.start(settings)) {
      var api = ApiClient.of(settings);
      var run = new Run(settings, api, new OtaCalls(api));
      run.everything();
      new StackLog(settings).settled();
      new RecordedRelease(System.getProperty("ota.record", ""), RecordedRelease.log(settings), run.answers()).write();
    }
  }

  /** Everything that the API can do, and that devices do. Nothing is open in the end. */
  private record Run(Settings settings, ApiClient api, OtaCalls calls, Map<String, String> secrets,
      List<String> products,
      List<String> firmware, List<String> jobs) {
    Run(Settings settings, ApiClient api, OtaCalls calls) {
      this(settings, api, calls, new HashMap<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    void everything() {
      var product = product("recorded");
      var file = calls.upload("a firmware\n".repeat(1_000).getBytes(StandardCharsets.UTF_8));
      for (var device : List.of("succeeds", "confirmed", "fails", "silent", "offline")) {
        device(product, device);
      }
      api.call("UpdateProduct", Map.of("ProductKey", product, "ProductName", "recorded and renamed"));
      api.call("CreateOTAModule", Map.of("ProductKey", product, "ModuleName", "mcu", "AliasName", "controller"));
      api.call("UpdateOTAModule", Map.of("ProductKey", product, "ModuleName", "mcu", "AliasName", "the controller"));
      api.call("CreateOTAModule", Map.of("ProductKey", product, "ModuleName", "gone"));
      api.call("DeleteOTAModule", Map.of("ProductKey", product, "ModuleName", "gone"));

      // verified, on one device at once and on one that was confirmed
      var good = firmware(product, "good", "2.0.0", file);
      try (var succeeds = start(product, "succeeds", Behaviour.SUCCEED);
          var confirmed = start(product, "confirmed", Behaviour.FLAPPING)) {
        var job = job(product, good, List.of("succeeds", "confirmed"), 120,
            Map.of("NeedConfirm", "true", "Tag.1.Key", "line", "Tag.1.Value",
                "3"));
        calls.tasks(job)
            .forEach(task -> api.call("ConfirmOTATask", Map.of("TaskId.1", task.path("TaskId").asString())));
        awaitStatus(good, OtaCalls.VERIFIED);
      }
      // failed, by a device that says so and one that says nothing, and then verified by another job
      var bad = firmware(product, "bad", "3.0.0", file);
      try (var fails = start(product, "fails", Behaviour.FAIL_4);
          var silent = start(product, "silent", Behaviour.SILENT)) {
        job(product, bad, List.of("fails", "silent", "offline"), 5, Map.of());
        awaitStatus(bad, OtaCalls.FAILED);
      }
      try (var succeeds = start(product, "succeeds", Behaviour.SUCCEED)) {
        job(product, bad, List.of("succeeds"), 120, Map.of());
        awaitStatus(bad, OtaCalls.VERIFIED);
      }
      // canceled, and deleted
      var canceled = firmware(product, "canceled", "4.0.0", file);
      var job = job(product, canceled, List.of("offline"), 120, Map.of());
      api.call("CancelOTATaskByJob", Map.of("JobId", job, "CancelQueuedTask", "true"));
      awaitStatus(canceled, OtaCalls.FAILED);
      api.call("DeleteOTAFirmware", Map.of("FirmwareId", calls.createFirmware(product, "deleted", "5.0.0", file)));
      // devices and products that change and go
      api.call("DisableThing", Map.of("ProductKey", product, "DeviceName", "fails"));
      api.call("DisableThing", Map.of("ProductKey", product, "DeviceName", "silent"));
      api.call("EnableThing", Map.of("ProductKey", product, "DeviceName", "silent"));
      device(product, "deleted-device");
      api.call("DeleteDevice", Map.of("ProductKey", product, "DeviceName", "deleted-device"));
      api.call("DeleteProduct", Map.of("ProductKey", calls.createProduct("deleted")));
    }

    private String product(String name) {
      var product = calls.createProduct(name);
      products.add(product);
      return product;
    }

    private void device(String product, String name) {
      secrets.put(name,
          api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", name)).path("Data")
              .path("DeviceSecret")
              .asString());
    }

    private String firmware(String product, String name, String version, OtaCalls.UploadedFile file) {
      var id = calls.createFirmware(product, name, version, file);
      firmware.add(id);
      return id;
    }

    private String job(String product, String firmwareId, List<String> devices, int timeout, Map<String, String> more) {
      var parameters = new HashMap<>(
          Map.of("ProductKey", product, "FirmwareId", firmwareId, "TimeoutInMinutes", Integer.toString(timeout)));
      for (int i = 0; i < devices.size(); i++) {
        parameters.put("TargetDeviceName." + (i + 1), devices.get(i));
      }
      parameters.putAll(more);
      var job = api.call("CreateOTAVerifyJob", parameters).path("Data").path("JobId").asString();
      jobs.add(job);
      return job;
    }

    private SimulatedDevice start(String product, String name, Behaviour behaviour) {
      var device = SimulatedDevice
          .builder("127.0.0.1", settings.port(Part.MQTT_BROKER), product, name, secrets.getOrDefault(name, ""))
          .version("1.0.0").behaviour(behaviour).pause(Duration.ofMillis(20)).start();
      device.informed().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
      return device;
    }

    private void awaitStatus(String firmwareId, int status) {
      await().atMost(PATIENCE).until(() -> calls.firmware(firmwareId).path("Status").asInt() == status);
    }

    List<RecordedRelease.Answer> answers() {
      var answers = new ArrayList<RecordedRelease.Answer>();
      var page = Map.of("CurrentPage", "1", "PageSize", "50");
      answers.add(RecordedRelease.Answer.of(api, "QueryProductList", page));
      for (var product : products) {
        answers.add(RecordedRelease.Answer.of(api, "ListOTAModuleByProduct", Map.of("ProductKey", product)));
        for (var action : List.of("ListOTAFirmware", "QueryDevice")) {
          var parameters = new HashMap<>(page);
          parameters.put("ProductKey", product);
          answers.add(RecordedRelease.Answer.of(api, action, parameters));
        }
        answers.add(RecordedRelease.Answer.of(api, "QueryProduct", Map.of("ProductKey", product)));
      }
      for (var id : firmware) {
        answers.add(RecordedRelease.Answer.of(api, "QueryOTAFirmware", Map.of("FirmwareId", id)));
      }
      for (var job : jobs) {
        answers.add(RecordedRelease.Answer.of(api, "QueryOTAJob", Map.of("JobId", job)));
        answers.add(RecordedRelease.Answer.of(api, "ListOTATaskByJob", Map.of("JobId", job)));
        for (var task : calls.tasks(job)) {
          answers.add(
              RecordedRelease.Answer.of(api, "ListOTATaskHistory", Map.of("TaskId", task.path("TaskId").asString())));
        }
      }
      return answers;
    }
  }
}
