// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.otaverify.gateway.account.KeysApplication;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskNotified;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole system from outside: signed calls, devices on MQTT, and what other systems read on Kafka. */
@ExtendWith(SharedStack.class)
class WholePathIT {
  private static final Pattern FIRMWARE = Pattern.compile("Firmware (\\w+)");

  private static Settings settings;

  @BeforeAll
  static void aStack(Settings shared) {
    settings = shared;
  }

  @Test
  void aFirmwareIsVerifiedOnTenDevices() throws Exception {
    var output = new ByteArrayOutputStream();

    boolean verified = demo(new Demo.Plan(10, 0, 0, 120, false), output);

    assertThat(verified).as(text(output)).isTrue();
    assertThat(text(output)).contains("QueryOTAFirmware: Status 1 (verified), VerifyProgress 100")
        .containsPattern("device-10 +1\\.0\\.0 +2\\.0\\.0 +SUCCEEDED");
    var events = events(firmwareId(output));
    assertThat(count(events, FirmwareCreated.class)).isEqualTo(1);
    assertThat(count(events, VerifyJobCreated.class)).isEqualTo(1);
    assertThat(count(events, TaskSucceeded.class)).isEqualTo(10);
    assertThat(count(events, TaskFailed.class)).isZero();
    assertThat(count(events, JobCompleted.class)).isEqualTo(1);
    assertThat(count(events, FirmwareVerified.class)).isEqualTo(1);
    assertThat(events.getLast().data()).isInstanceOf(FirmwareVerified.class);
    numbersHaveNoGap(events);
  }

  @Test
  void anEndpointIsToldOfAVerificationInTheOrderOfItsEvents() throws Exception {
    var told = new CopyOnWriteArrayList<JsonNode>();
    var endpoint = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    endpoint.createContext("/", exchange -> {
      told.add(JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes()));
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    });
    endpoint.start();
    var api = api();
    var webhook = api.call("CreateOTAWebhook",
        Map.of("Url", "http://127.0.0.1:" + endpoint.getAddress().getPort() + "/hooks")).at("/Data/WebhookId")
        .asString();
    try {
      var output = new ByteArrayOutputStream();

      assertThat(demo(new Demo.Plan(2, 0, 0, 120, false), output)).as(text(output)).isTrue();

      var expected = events(firmwareId(output)).stream()
          .map(event -> event.id() + " " + Wire.typeOf(event.data().getClass())).toList();
      await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
          told.stream().map(event -> event.path("id").asString() + " " + event.path("type").asString())
              .filter(expected::contains))
          .isEqualTo(expected));
      assertThat(expected.getLast()).endsWith(" dev.otaverify.firmware.verified.v1");
    } finally {
      api.call("DeleteOTAWebhook", Map.of("WebhookId", webhook));
      endpoint.stop(0);
    }
  }

  @Test
  void aDeviceThatFailsAndOneThatNeverAnswersFailTheVerificationWithTheirReasons() throws Exception {
    var output = new ByteArrayOutputStream();

    boolean verified = demo(new Demo.Plan(3, 1, 1, 6, false), output);

    assertThat(verified).as(text(output)).isFalse();
    assertThat(text(output)).contains("Status 3 (verification failed)")
        .containsPattern("device-03 +1\\.0\\.0 +2\\.0\\.0 +SUCCEEDED");
    var events = events(firmwareId(output));
    numbersHaveNoGap(events);
    assertThat(count(events, TaskNotified.class)).isGreaterThanOrEqualTo(3);
    var failed = (FirmwareVerificationFailed) events.getLast().data();
    assertThat(failed.failures()).extracting(failure -> failure.deviceName() + " " + failure.reason())
        .containsExactlyInAnyOrder("device-01 BURN_FAILED", "device-02 START_TIMEOUT");
  }

  @Test
  void twoHundredCallsAtOnceForOneFirmwareMakeExactlyOneJob() throws Exception {
    var api = api();
    var product = api.call("CreateProduct", Map.of("ProductName", "concurrent", "NodeType", "0")).path("ProductKey")
        .asString();
    api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", "device-01"));
    var form = api.call("GenerateOTAUploadURL", Map.of()).path("Data");
    api.upload(form, new byte[]{1, 2, 3});
    var firmware = api.call("CreateOTAFirmware", Map.of("ProductKey", product, "FirmwareName", "concurrent",
        "DestVersion", "2.0.0", "FirmwareUrl", form.path("FirmwareUrl").asString())).path("Data").path("FirmwareId")
        .asString();
    var parameters = Map.of("ProductKey", product, "FirmwareId", firmware, "TargetDeviceName.1", "device-01",
        "TimeoutInMinutes", "1440");

    var answers = new ArrayList<String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<String> create = () -> {
        try {
          return api.call("CreateOTAVerifyJob", parameters).path("Data").path("JobId").asString();
        } catch (ApiClient.RefusedException e) {
          return String.valueOf(e.getMessage());
        }
      };
      for (var answer : threads.invokeAll(IntStream.range(0, 200).mapToObj(i -> create).toList())) {
        answers.add(answer.get());
      }
    }

    assertThat(answers.stream().filter(answer -> answer.endsWith("02"))).hasSize(1);
    assertThat(answers.stream().filter(answer -> answer.contains("iot.ota.FirmwareIsVerifying"))).hasSize(199);
    assertThat(count(events(firmware), VerifyJobCreated.class)).isEqualTo(1);
  }

  @Test
  void aQueryAfterAnAcknowledgedWriteSeesIt() {
    var api = api();
    var product = api.call("CreateProduct", Map.of("ProductName", "fresh reads", "NodeType", "0")).path("ProductKey")
        .asString();
    for (int i = 0; i < 20; i++) {
      // One of its own for each job, since a device that is busy fails a second one at once.
      var device = "device-" + i;
      api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", device));
      var form = api.call("GenerateOTAUploadURL", Map.of()).path("Data");
      api.upload(form, new byte[]{1, 2, 3});
      var firmware = api.call("CreateOTAFirmware", Map.of("ProductKey", product, "FirmwareName", "fresh" + i,
          "DestVersion", "2.0.0", "FirmwareUrl", form.path("FirmwareUrl").asString())).path("Data").path("FirmwareId")
          .asString();
      assertThat(status(api, firmware)).as("after CreateOTAFirmware").isZero();
      var job = api.call("CreateOTAVerifyJob",
          Map.of("ProductKey", product, "FirmwareId", firmware, "TargetDeviceName.1", device));
      assertThat(status(api, firmware)).as("after CreateOTAVerifyJob").isEqualTo(2);
      var jobId = job.path("Data").path("JobId").asString();
      assertThat(api.call("QueryOTAJob", Map.of("JobId", jobId)).path("Data").path("JobStatus").asString())
          .isEqualTo("IN_PROGRESS");
      assertThat(api.call("ListOTATaskByJob", Map.of("JobId", jobId)).path("Total").asInt()).isEqualTo(1);
    }
  }

  @Test
  void theSameSignedRequestSentAtOnceAndAfterABrokenConnectionMakesOneJobWithOneAnswer() throws Exception {
    var api = api();
    var product = api.call("CreateProduct", Map.of("ProductName", "sent again", "NodeType", "0")).path("ProductKey")
        .asString();
    api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", "device-01"));
    var form = api.call("GenerateOTAUploadURL", Map.of()).path("Data");
    api.upload(form, new byte[]{1, 2, 3});
    var firmware = api.call("CreateOTAFirmware", Map.of("ProductKey", product, "FirmwareName", "sent_again",
        "DestVersion", "2.0.0", "FirmwareUrl", form.path("FirmwareUrl").asString())).path("Data").path("FirmwareId")
        .asString();
    var signed = URI.create(api.url("CreateOTAVerifyJob",
        Map.of("ProductKey", product, "FirmwareId", firmware, "TargetDeviceName.1", "device-01")));

    // The client that broke: it sends the request and is gone before the answer.
    try (var socket = new Socket(signed.getHost(), signed.getPort())) {
      socket.getOutputStream().write(("GET " + signed.getRawPath() + "?" + signed.getRawQuery()
          + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
    }
    var answers = new ArrayList<String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor(); var http = HttpClient.newHttpClient()) {
      Callable<String> send = () -> http.send(HttpRequest.newBuilder(signed).build(),
          HttpResponse.BodyHandlers.ofString()).body();
      for (var answer : threads.invokeAll(List.of(send, send, send))) {
        answers.add(answer.get());
      }
      answers.add(send.call());
    }

    assertThat(answers.stream().map(answer -> Wire.JSON.readTree(answer).path("Data")).distinct()).singleElement()
        .satisfies(data -> assertThat(data.path("JobId").asString()).endsWith("02"));
    assertThat(count(events(firmware), VerifyJobCreated.class)).isEqualTo(1);
  }

  @Test
  void productsAndDevicesMoveInWithTheirSecretsAndTheImportMayBeRepeated(@TempDir Path directory) throws Exception {
    var file = Files.writeString(directory.resolve("fleet.csv"),
        """
        ProductKey,ProductName,ProductSecret,NodeType,DeviceName,DeviceSecret,Nickname
        a1VJwBw0000,"brought (in)",prodsecret,0,testdevice,devsecret0123456789,
        a1VJwBw0000,,,,device-02,"se""cret",Küche
        a1VJwBw0000,,,,x,tooshort,
        """);
    var first = new ByteArrayOutputStream();
    var second = new ByteArrayOutputStream();

    assertThat(bringIn(file, first)).isFalse();
    assertThat(text(first)).startsWith("1 products and 3 devices: 3 taken, 0 of them by an earlier run; 1 refused")
        .contains("row 3: device a1VJwBw0000/x: ImportDevice: iot.device.InvalidFormattedDeviceName")
        .doesNotContain("tooshort");
    Files.delete(directory.resolve("fleet.csv.imported"));
    assertThat(bringIn(file, second)).isFalse();
    assertThat(text(second)).isEqualTo(text(first));
    assertThat(api().call("QueryDeviceInfo", Map.of("ProductKey", "a1VJwBw0000", "DeviceName", "device-02"))
        .path("Data").path("DeviceSecret").asString()).isEqualTo("se\"cret");
    try (var device = SimulatedDevice.builder("127.0.0.1", settings.port(Part.MQTT_BROKER), "a1VJwBw0000",
        "testdevice", "devsecret0123456789").start()) {
      device.informed().orTimeout(30, TimeUnit.SECONDS).join();
    }

    var changed = Files.writeString(directory.resolve("changed.json"),
        """
        [{"ProductKey": "a1VJwBw0000", "DeviceName": "device-02", "DeviceSecret": "another"}]
        """);
    var third = new ByteArrayOutputStream();
    assertThat(bringIn(changed, third)).isFalse();
    assertThat(text(third)).contains("iot.device.AlreadyExistedDeviceName").doesNotContain("another ");
  }

  private static boolean bringIn(Path file, ByteArrayOutputStream output) throws Exception {
    return new Import(api(), new PrintStream(output, true, StandardCharsets.UTF_8)).run(file);
  }

  @Test
  void whatBelongsToAnotherAccountDoesNotExist() {
    var output = new ByteArrayOutputStream();
    KeysApplication.run(Part.keysArguments(settings), List.of("create", "--account", "neighbour"),
        new PrintStream(output, true, StandardCharsets.UTF_8));
    var key = Pattern.compile("access key  (\\S+)\\s+its secret  (\\S+)").matcher(text(output));
    assertThat(key.find()).isTrue();
    var neighbour = new ApiClient(URI.create(settings.url(Part.API_GATEWAY)), key.group(1), key.group(2));
    var product = Map.of("ProductKey", api().call("CreateProduct", Map.of("ProductName", "ours", "NodeType", "0"))
        .path("ProductKey").asString());
    var device = Map.of("ProductKey", product.getOrDefault("ProductKey", ""), "DeviceName", "device-01");
    api().call("RegisterDevice", device);

    for (var action : List.of("QueryProduct", "DeleteProduct", "RegisterDevice")) {
      assertThatThrownBy(() -> neighbour.call(action, product)).as(action)
          .hasMessageContaining("iot.prod.NotExistedProduct");
    }
    for (var action : List.of("QueryDeviceDetail", "GetDeviceStatus", "DeleteDevice", "DisableThing")) {
      assertThatThrownBy(() -> neighbour.call(action, device)).as(action)
          .isInstanceOf(ApiClient.RefusedException.class).hasMessageContaining("NotExisted");
    }
    assertThat(neighbour.call("QueryProductList", Map.of("CurrentPage", "1", "PageSize", "10")).path("Data")
        .path("Total").asInt()).isZero();
    // A name is taken within an account only.
    neighbour.call("CreateProduct", Map.of("ProductName", "ours", "NodeType", "0"));
  }

  @Test
  void aWrongSecretIsRefused() {
    var api = new ApiClient(URI.create(settings.url(Part.API_GATEWAY)), settings.accessKeyId(), "wrong");

    assertThatThrownBy(() -> api.call("CreateProduct", Map.of("ProductName", "nobody", "NodeType", "0")))
        .isInstanceOf(ApiClient.RefusedException.class).hasMessageContaining("SignatureDoesNotMatch");
  }

  private static int status(ApiClient api, String firmware) {
    return api.call("QueryOTAFirmware", Map.of("FirmwareId", firmware)).path("FirmwareInfo").path("Status").asInt();
  }

  private static boolean demo(Demo.Plan plan, ByteArrayOutputStream output) throws InterruptedException {
    return new Demo(api(), "127.0.0.1", settings.port(Part.MQTT_BROKER), plan,
        new PrintStream(output, true, StandardCharsets.UTF_8)).run();
  }

  private static ApiClient api() {
    return ApiClient.of(settings);
  }

  private static String text(ByteArrayOutputStream output) {
    return output.toString(StandardCharsets.UTF_8);
  }

  private static String firmwareId(ByteArrayOutputStream output) {
    var matcher = FIRMWARE.matcher(text(output));
    assertThat(matcher.find()).as(text(output)).isTrue();
    return matcher.group(1);
  }

  /** What another system reads of this firmware, without repeats. */
  private static List<Message<FirmwareEvent>> events(String firmwareId) {
    Map<String, Object> consumerSettings = Map.of("bootstrap.servers", settings.address(Part.KAFKA));
    var events = new LinkedHashMap<String, Message<FirmwareEvent>>();
    try (var consumer = new KafkaConsumer<>(new HashMap<>(consumerSettings), new StringDeserializer(),
        new ByteArrayDeserializer())) {
      var partitions = IntStream.range(0, Topics.PARTITIONS)
          .mapToObj(partition -> new TopicPartition(Topics.FIRMWARE_EVENTS, partition)).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          if (firmwareId.equals(record.key())) {
            var event = Wire.decode(KafkaRecords.textOf(record.headers()), record.value(), FirmwareEvent.class);
            events.putIfAbsent(event.id(), event);
          }
        }
      }
    }
    return List.copyOf(events.values());
  }

  private static long count(List<Message<FirmwareEvent>> events, Class<?> type) {
    return events.stream().filter(event -> type.isInstance(event.data())).count();
  }

  private static void numbersHaveNoGap(List<Message<FirmwareEvent>> events) {
    var last = new HashMap<String, Long>();
    for (var event : events) {
      var subject = event.source() + " " + event.subject();
      assertThat(event.sequence()).as(subject).isEqualTo(last.getOrDefault(subject, 0L) + 1);
      last.put(subject, event.sequence());
    }
  }
}
