// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import static dev.otaverify.jobservice.commands.Given.ACCOUNT;
import static dev.otaverify.jobservice.commands.Given.id;
import static dev.otaverify.jobservice.commands.Given.product;
import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.contracts.Wire;
import dev.otaverify.jobservice.JobServiceApplication;
import dev.otaverify.jobservice.commands.TopicReader.Read;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.testinfra.TestInfra;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** The started service, with a real broker and a real database. */
class JobServiceIT {
  private static final String TOKEN = "token-of-these-tests";

  private static ConfigurableApplicationContext service;
  private static Producer<String, byte[]> gateway;
  private static TopicReader<Reply> replies;
  private static TopicReader<FirmwareEvent> firmwareEvents;
  private static TopicReader<RegistryEvent> registryEvents;
  private static TopicReader<DeviceInput> deviceInputs;

  @BeforeAll
  static void start() {
    var kafka = TestInfra.kafkaBootstrapServers();
    TestInfra.createTopics(Topics.all());
    var database = TestInfra.freshDatabase("job_service");
    service = JobServiceApplication.start("--server.port=0", "--spring.kafka.bootstrap-servers=" + kafka,
        "--ota.database.host=" + database.host(), "--ota.database.port=" + database.port(),
        "--ota.database.name=" + database.database(), "--ota.database.user=" + database.user(),
        "--ota.database.password=" + database.password(), "--ota.internal-token=" + TOKEN);
    gateway = new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka, ProducerConfig.ACKS_CONFIG, "all"),
        new StringSerializer(), new ByteArraySerializer());
    replies = new TopicReader<>(kafka, Topics.REPLIES, Reply.class);
    firmwareEvents = new TopicReader<>(kafka, Topics.FIRMWARE_EVENTS, FirmwareEvent.class);
    registryEvents = new TopicReader<>(kafka, Topics.REGISTRY_EVENTS, RegistryEvent.class);
    deviceInputs = new TopicReader<>(kafka, Topics.DEVICE_INPUTS, DeviceInput.class);
  }

  @AfterAll
  static void stop() {
    List.of(gateway, replies, firmwareEvents, registryEvents, deviceInputs).forEach(JobServiceIT::close);
    service.close();
  }

  @Test
  void ofTwoHundredVerificationsAskedForAtOnceExactlyOneBegins() throws Exception {
    given("race", "device-1", "device-2");

    try (var clients = Executors.newFixedThreadPool(20)) {
      for (var sent : clients.invokeAll(IntStream.range(0, 200)
          .mapToObj(i -> Executors.callable(() -> send(context("race-" + i, "gateway-" + i, i % 12),
              Given.verify("race-" + i, "race", "race", "device-1", "device-2"))))
          .toList())) {
        sent.get();
      }
    }

    var answers = replies.await(200, isAbout(IntStream.range(0, 200).mapToObj(i -> "race-" + i).toList()));
    assertThat(answers).hasSize(200);
    assertThat(answers.stream().filter(read -> code(read).isEmpty())).hasSize(1);
    assertThat(answers.stream().filter(read -> code(read).equals(ErrorCode.FIRMWARE_IS_VERIFYING.code()))).hasSize(199);
    assertThat(answers.stream().map(JobServiceIT::place)).containsExactlyInAnyOrderElementsOf(
        IntStream.range(0, 200).mapToObj(i -> id("race-" + i) + " to gateway-" + i + " at " + i % 12).toList());

    var events = firmwareEvents.now(message -> message.data().firmwareId().equals(Given.firmware("race")));
    assertThat(events.stream().map(read -> read.message().sequence())).containsExactly(1L, 2L);
    assertThat(events.stream().map(read -> read.message().data()).filter(VerifyJobCreated.class::isInstance))
        .hasSize(1);
    var job = (VerifyJobCreated) events.getLast().message().data();
    var inputs = deviceInputs.now(message -> message.data() instanceof AssignTask assign
        && assign.taskId().firmwareId().equals(Given.firmware("race")));
    assertThat(inputs.stream().map(Read::key)).containsExactlyInAnyOrder(product("race") + "/device-1",
        product("race") + "/device-2");
    assertThat(inputs.stream().map(read -> read.message().id())).containsExactlyInAnyOrder(
        "assign:" + job.targets().get(0).taskId(), "assign:" + job.targets().get(1).taskId());
  }

  @Test
  void aRepeatedCommandGetsTheFirstAnswerThroughAnotherGateway() throws Exception {
    given("repeat", "device-1");
    var command = Given.verify("repeat-j", "repeat", "repeat", "device-1");
    send(context("repeat-j", "gateway-1", 1), command);
    var first = replies.await(1, isAbout(List.of("repeat-j")));

    send(context("repeat-j", "gateway-2", 2), command);

    var both = replies.await(2, isAbout(List.of("repeat-j")));
    assertThat(first).hasSize(1);
    assertThat(both.stream().map(JobServiceIT::place)).containsExactlyInAnyOrder(
        id("repeat-j") + " to gateway-1 at 1", id("repeat-j") + " to gateway-2 at 2");
    assertThat(both.stream().map(read -> read.message().data()).distinct())
        .containsExactly(first.getFirst().message().data());
    assertThat(firmwareEvents.now(message -> message.data().firmwareId().equals(Given.firmware("repeat")))).hasSize(2);
  }

  @Test
  void aFailedFirmwareIsVerifiedAgainAndItsEventsStayGapFree() throws Exception {
    given("again", "device-1");
    send(context("again-1", "gateway-1", 1), Given.verify("again-1", "again", "again", "device-1"));
    replies.await(1, isAbout(List.of("again-1")));

    var conclude = Given.conclude("again", "again-1", Verdict.FAILED);
    publish(conclude.key(), conclude.message());
    send(context("again-2", "gateway-1", 1), Given.verify("again-2", "again", "again", "device-1"));

    assertThat(replies.await(1, isAbout(List.of("again-2"))).stream().map(JobServiceIT::code)).containsExactly("");
    assertThat(firmwareEvents.now(message -> message.data().firmwareId().equals(Given.firmware("again"))).stream()
        .map(read -> read.message().sequence())).containsExactly(1L, 2L, 3L);
  }

  @Test
  void ofProductsOfOneNameInAllPartitionsExactlyOneIsCreated() throws Exception {
    var nonces = IntStream.range(0, 120).mapToObj(i -> "name-" + i).toList();
    for (var nonce : nonces) {
      send(context(nonce, "gateway-1", 1), new CreateProduct(ACCOUNT, product(nonce), "the one name", 0, 1, null));
    }

    var answers = replies.await(nonces.size(), isAbout(nonces));
    assertThat(answers).hasSize(120);
    assertThat(answers.stream().filter(read -> code(read).isEmpty())).hasSize(1);
    assertThat(answers.stream().filter(read -> code(read).equals(ErrorCode.PRODUCT_NAME_TAKEN.code()))).hasSize(119);
    assertThat(registryEvents.now(message -> message.data() instanceof ProductCreated created
        && created.name().equals("the one name"))).hasSize(1);
  }

  @Test
  void aCommandThatCannotBeDecidedIsPutAsideAndAnsweredAndTheOthersGoOn() throws Exception {
    given("poison", "device-1");
    var nul = new CreateFirmware(ACCOUNT, Given.firmware("poison-1"), Given.spec("poison", "green", "a\u0000b"));
    send(context("poison-1", "gateway-1", 5), nul);
    var unknown = new HashMap<>(Wire.encode(Given.message(context("poison-2", "gateway-2", 6), nul)).headers());
    unknown.put("ce_type", "dev.otaverify.command.nobody-knows.v1");
    gateway.send(KafkaRecords.record(Topics.COMMANDS, null, nul.key(), unknown, new byte[]{'{', '}'})).get();
    send(context("poison-3", "gateway-1", 5),
        new CreateFirmware(ACCOUNT, Given.firmware("poison-3"), Given.spec("poison", "green", null)));

    var answers = replies.await(3, isAbout(List.of("poison-1", "poison-2", "poison-3")));
    assertThat(answers.stream().map(read -> place(read) + " " + code(read))).containsExactlyInAnyOrder(
        id("poison-1") + " to gateway-1 at 5 iot.system.SystemException",
        id("poison-2") + " to gateway-2 at 6 iot.system.SystemException", id("poison-3") + " to gateway-1 at 5 ");
  }

  @Test
  void aFileIsInUseAsLongAsAFirmwareHasItThatIsNotDeleted() throws Exception {
    given("files", "device-1");
    var spec = Given.spec("files", "files-2", null);
    var file = new FirmwareFile("own-file", "https://files/own.bin", 1, "0".repeat(32), "0".repeat(64),
        FirmwareFile.SignMethod.MD5);
    for (var name : List.of("files-2", "files-3")) {
      send(context(name, "gateway-1", 0), new CreateFirmware(ACCOUNT, Given.firmware(name),
          new FirmwareSpec(spec.productKey(), spec.moduleName(), name, spec.destVersion(), null, spec.type(), file,
              true, null, null)));
    }
    replies.await(2, isAbout(List.of("files-2", "files-3")));

    assertThat(inUse(TOKEN).body()).isEqualTo("[\"own-file\"]");
    assertThat(inUse("another-token-of-tests").statusCode()).isEqualTo(401);
    send(context("files-4", "gateway-1", 0), new Command.DeleteFirmware(ACCOUNT, Given.firmware("files-2")));
    replies.await(1, isAbout(List.of("files-4")));
    assertThat(inUse(TOKEN).body()).isEqualTo("[\"own-file\"]");
    send(context("files-5", "gateway-1", 0), new Command.DeleteFirmware(ACCOUNT, Given.firmware("files-3")));
    replies.await(1, isAbout(List.of("files-5")));
    assertThat(inUse(TOKEN).body()).isEqualTo("[]");
  }

  private static HttpResponse<String> inUse(String token) throws Exception {
    var uri = URI.create(
        "http://127.0.0.1:" + service.getEnvironment().getProperty("local.server.port") + "/internal/files/in-use");
    try (var http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token)
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString("[\"no-file\",\"own-file\"]")).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void secretsAreToldToOurOwnPartsOnly() throws Exception {
    given("secrets", "device-1", "dev:2@x.y_z");
    var device = "/internal/devices/" + product("secrets") + "/device-1/credentials";
    var odd = "/internal/devices/" + product("secrets") + "/dev:2@x.y_z/credentials";
    var ofProduct = "/internal/products/" + product("secrets") + "/secret";

    assertThat(get(device, TOKEN).body()).matches("\\{\"deviceSecret\":\"[0-9a-f]{32}\",\"enabled\":true}");
    assertThat(get(odd, TOKEN).body()).matches("\\{\"deviceSecret\":\"[0-9a-f]{32}\",\"enabled\":true}")
        .isNotEqualTo(get(device, TOKEN).body());
    assertThat(get(ofProduct, TOKEN).body()).matches("\\{\"productSecret\":\"[0-9a-f]{32}\"}");
    assertThat(get("/internal/devices/" + product("secrets") + "/device-9/credentials", TOKEN).statusCode())
        .isEqualTo(404);
    assertThat(get("/internal/products/a1aaaaaaaaa/secret", TOKEN).statusCode()).isEqualTo(404);
    assertThat(get(device, "another-token-of-tests").statusCode()).isEqualTo(401);
    assertThat(get(ofProduct, "another-token-of-tests").body()).isEmpty();
  }

  @Test
  void itIsHealthy() throws Exception {
    assertThat(get("/actuator/health", "").statusCode()).isEqualTo(200);
  }

  private static void given(String name, String... devices) throws Exception {
    var nonces = new ArrayList<>(List.of(name + "-p", name));
    // The product's key is made of the nonce; the helpers name product and firmware alike.
    var productCommand = new CreateProduct(ACCOUNT, product(name), "product " + name, 0, 1, null);
    send(context(name + "-p", "gateway-1", 0), productCommand);
    for (var device : devices) {
      nonces.add(name + device);
      send(context(name + device, "gateway-1", 0),
          Given.registerDevice(name + device, name, device).data());
    }
    replies.await(1, isAbout(List.of(name + "-p")));
    send(context(name, "gateway-1", 0), Given.createFirmware(name, name, "firmware " + name).data());
    assertThat(replies.await(nonces.size(), isAbout(nonces)).stream().map(JobServiceIT::code)).containsOnly("");
  }

  private static CommandContext context(String nonce, String instance, int partition) {
    return new CommandContext(id(nonce), "fingerprint of " + nonce, instance, partition,
        Instant.now().plusSeconds(60));
  }

  private static void send(CommandContext context, Command command) {
    publish(command.key(), Given.message(context, command));
  }

  private static void publish(String key, Message<Command> message) {
    var encoded = Wire.encode(message);
    Future<?> sent = gateway.send(KafkaRecords.record(Topics.COMMANDS, null, key, encoded.headers(),
        encoded.value().getBytes(StandardCharsets.UTF_8)));
    try {
      sent.get();
    } catch (Exception e) {
      throw new AssertionError("not sent", e);
    }
  }

  private static Predicate<Message<Reply>> isAbout(List<String> nonces) {
    var ids = nonces.stream().map(Given::id).toList();
    return message -> ids.contains(message.data().commandId());
  }

  private static String place(Read<Reply> read) {
    return read.message().data().commandId() + " to " + read.message().extension("replyinstance") + " at "
        + read.partition();
  }

  /** Empty for what was accepted. */
  private static String code(Read<Reply> read) {
    return switch (read.message().data()) {
      case Reply.Accepted accepted -> "";
      case Reply.Rejected rejected -> rejected.code();
    };
  }

  private static HttpResponse<String> get(String path, String token) throws Exception {
    var uri = URI.create("http://127.0.0.1:" + service.getEnvironment().getProperty("local.server.port") + path);
    return HttpClient.newHttpClient().send(
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new AssertionError("not closed", e);
    }
  }
}
