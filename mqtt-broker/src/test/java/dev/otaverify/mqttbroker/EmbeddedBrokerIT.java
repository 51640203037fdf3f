// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAckReturnCode;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.testinfra.TestInfra;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
  private static final ProductKey PRODUCT = new ProductKey(
      "a1" + String.format(Locale.ROOT, "%09d", ThreadLocalRandom.current().nextInt(1_000_000_000)));

  @TempDir
  static Path dataDir;

  private static JobServiceStub jobService;
  private static TestCertificate certificate;
  private static EmbeddedBroker broker;
  private static DeviceInputs inputs;

  private DeviceId device;
  private TestClient dispatcher;

  @BeforeAll
  static void startBroker(@TempDir Path directory) throws Exception {
    TestInfra.createTopics(Topics.all());
    certificate = TestCertificate.in(directory);
    jobService = new JobServiceStub();
    broker = EmbeddedBroker.start(config());
    inputs = new DeviceInputs(TestInfra.kafkaBootstrapServers());
  }

  private static BrokerConfig config() {
    return new BrokerConfig(0, "127.0.0.1", TestInfra.kafkaBootstrapServers(), jobService.url(), JobServiceStub.TOKEN,
        "dispatcher", "dispatcher-password", dataDir, Duration.ofSeconds(10),
        Optional.of(new BrokerConfig.Tls(0, certificate.keystore(), TestCertificate.PASSWORD)),
        Optional.of(new BrokerConfig.Management(0, "127.0.0.1")));
  }

  @AfterAll
  static void stopBroker() {
    inputs.close();
    broker.close();
    jobService.close();
  }

  @BeforeEach
  void registerDevice(TestInfo test) {
    device = new DeviceId(PRODUCT,
        new DeviceName("d-" + Integer.toHexString(test.getTestMethod().orElseThrow().getName().hashCode())));
    jobService.knows(device, TestClient.SECRET, true);
    dispatcher = TestClient.login(broker.port(), "dispatcher-1", "dispatcher", "dispatcher-password").connect();
  }

  @AfterEach
  void disconnectDispatcher() {
    dispatcher.disconnect();
    jobService.works();
  }

  @Test
  void reportsStandBehindConnectedEachOnceAndAsTheyWereSaid() {
    try (var client = connected(true)) {
      client.publish(inform(device), "{\"id\":1,\"params\":{\"version\":\"1.0.0\"}}");
      client.publish(ota(device, "progress"),
          "{\"id\":2,\"params\":{\"step\":\"50\",\"desc\":\"half\",\"module\":\"mcu\"}}");
      client.publish(sys(device, "thing/ota/firmware/get"), "{\"id\":\"3\",\"params\":{}}");
      client.publish(ota(device, "request"), "{\"id\":4,\"params\":{}}");

      // Acknowledged is durable: no waiting here.
      var messages = inputs.messagesOf(device);
      var first = (DeviceInput.Connected) messages.getFirst().data();
      assertThat(first.address()).isEqualTo("127.0.0.1");
      assertThat(messages).extracting(message -> message.data().getClass().getSimpleName()).containsExactly("Connected",
          "VersionReported", "ProgressReported", "FirmwareRequested", "FirmwareRequested");
      assertThat(messages).allSatisfy(message -> {
        assertThat(message.source()).isEqualTo(Source.MQTT_BROKER);
        assertThat(message.subject()).isEqualTo(device.key());
      }).extracting("id").doesNotHaveDuplicates();
      assertThat(messages.stream().map(message -> message.data()).skip(1)).containsExactly(
          new DeviceInput.VersionReported(device, ModuleName.DEFAULT, "1.0.0", messages.get(1).time()),
          new DeviceInput.ProgressReported(device, new ModuleName("mcu"), 50, "half", messages.get(2).time()),
          new DeviceInput.FirmwareRequested(device, ModuleName.DEFAULT, "\"3\"", false, messages.get(3).time()),
          new DeviceInput.FirmwareRequested(device, ModuleName.DEFAULT, "4", true, messages.get(4).time()));
      assertThat(client.received()).isEmpty();
    }
    eventually().untilAsserted(() -> assertThat(inputs.of(device)).hasSize(6).last()
        .isInstanceOfSatisfying(DeviceInput.Disconnected.class,
            disconnected -> assertThat(disconnected.session()).isEqualTo(sessions().getFirst())));
  }

  @Test
  void aReportAtQos0IsWrittenLikeAnother() {
    try (var client = connected(true)) {
      join(client.tryToPublish(inform(device), "{\"id\":1,\"params\":{\"version\":\"1.0.0\"}}", MqttQos.AT_MOST_ONCE));

      eventually().untilAsserted(() -> assertThat(inputs.of(device))
          .extracting(input -> input.getClass().getSimpleName()).containsExactly("Connected", "VersionReported"));
    }
  }

  @Test
  void aPushOnReadingConnectedReachesADeviceThatNeverSubscribes() {
    try (var client = TestClient.device(broker.port(), device, TestClient.SECRET, true)) {
      var connecting = client.tryToConnect(true);
      eventually().pollInterval(Duration.ofMillis(1)).until(() -> !inputs.of(device).isEmpty());
      dispatcher.publish(ota(device, "upgrade"), "push");
      dispatcher.publish(sys(device, "thing/ota/firmware/get_reply"), "reply");
      dispatcher.publish(ota(device, "request"), "legacy reply");
      join(connecting);

      eventually().untilAsserted(() -> assertThat(client.received()).containsExactlyInAnyOrder(
          ota(device, "upgrade") + " push", sys(device, "thing/ota/firmware/get_reply") + " reply",
          ota(device, "request") + " legacy reply"));
    }
  }

  @Test
  void aDeviceThatSubscribesItselfHearsWhatItSubscribedToAndNothingElse() {
    try (var client = connected(false)) {
      client.subscribe(path(device) + "/user/mark");
      dispatcher.publish(ota(device, "upgrade"), "early");
      dispatcher.publish(path(device) + "/user/mark", "1");
      eventually().untilAsserted(() -> assertThat(client.received()).containsExactly(path(device) + "/user/mark 1"));

      client.subscribe(ota(device, "upgrade"));
      dispatcher.publish(ota(device, "upgrade"), "push");
      eventually().untilAsserted(() -> assertThat(client.received()).hasSize(2).last()
          .isEqualTo(ota(device, "upgrade") + " push"));
    }
  }

  @Test
  void aLoginThatIsNotRightIsRefusedWithTheReason() {
    var unknown = new DeviceId(PRODUCT, new DeviceName("unknown"));
    var disabled = new DeviceId(PRODUCT, new DeviceName("disabled"));
    jobService.knows(disabled, TestClient.SECRET, false);

    assertThat(refusal(TestClient.device(broker.port(), device, "another secret", true)))
        .isEqualTo(Mqtt3ConnAckReturnCode.BAD_USER_NAME_OR_PASSWORD);
    assertThat(refusal(TestClient.device(broker.port(), unknown, TestClient.SECRET, true)))
        .isEqualTo(Mqtt3ConnAckReturnCode.BAD_USER_NAME_OR_PASSWORD);
    assertThat(refusal(TestClient.device(broker.port(), disabled, TestClient.SECRET, true)))
        .isEqualTo(Mqtt3ConnAckReturnCode.NOT_AUTHORIZED);
    assertThat(refusal(TestClient.login(broker.port(), "any", "nobody", "nothing")))
        .isEqualTo(Mqtt3ConnAckReturnCode.BAD_USER_NAME_OR_PASSWORD);
    assertThat(refusal(TestClient.login(broker.port(), "any", "dispatcher", "guess")))
        .isEqualTo(Mqtt3ConnAckReturnCode.BAD_USER_NAME_OR_PASSWORD);
    assertThat(inputs.of(device)).isEmpty();
  }

  @Test
  void withoutJobServiceOnlyADeviceThatIsKnownComesBack() {
    connected(true).disconnect();
    var stranger = new DeviceId(PRODUCT, new DeviceName("stranger"));
    jobService.knows(stranger, TestClient.SECRET, true);
    jobService.breaks();

    connected(true).disconnect();
    assertThat(refusal(TestClient.device(broker.port(), stranger, TestClient.SECRET, true)))
        .isEqualTo(Mqtt3ConnAckReturnCode.SERVER_UNAVAILABLE);
  }

  @Test
  void aDeviceKeepsToItsOwnTopics() {
    var other = new DeviceId(PRODUCT, new DeviceName("other-device"));
    try (var client = connected(true)) {
      for (var topic : List.of(ota(other, "upgrade"), "/ota/device/upgrade/" + PRODUCT + "/+", "#",
          "$share/group/" + ota(device, "upgrade"))) {
        assertThat(client.trySubscribe(topic)).as(topic).failsWithin(Duration.ofSeconds(60))
            .withThrowableOfType(ExecutionException.class).withCauseInstanceOf(Mqtt3SubAckException.class);
      }
      client.subscribe(sys(device, "rrpc/request/+")).subscribe("/shadow/get" + path(device))
          .subscribe(path(device) + "/#");
    }
    for (var topic : List.of(inform(other), ota(device, "upgrade"), ota(other, "upgrade"), "any")) {
      try (var client = connected(true)) {
        assertThat(client.tryToPublish(topic, "{\"params\":{\"version\":\"6.6.6\"}}", MqttQos.AT_LEAST_ONCE)).as(topic)
            .failsWithin(Duration.ofSeconds(60));
        assertThat(client.gone()).succeedsWithin(Duration.ofSeconds(60));
      }
    }
    assertThat(inputs.of(other)).isEmpty();
    assertThat(inputs.of(device)).noneMatch(DeviceInput.VersionReported.class::isInstance);
  }

  @Test
  void operatorsAreToldMetricsAndReadinessOnAPortOfTheirOwn() throws Exception {
    try (var client = connected(true)) {
      client.publish(inform(device), "{\"params\":{\"version\":\"1.0.0\"}}");

      assertThat(get("/actuator/prometheus").body()).contains("# HELP ota_broker_logins_total Logins of devices",
          "ota_ready 1.0", "ota_build_info{commit=", "jvm_memory_used_bytes{")
          .containsPattern("ota_broker_devices [1-9]")
          .containsPattern("ota_broker_reports_total\\{outcome=\"taken\"} [1-9]")
          .containsPattern("ota_broker_publishes_total\\{direction=\"incoming\"} [1-9]")
          .doesNotContain("} NaN", " NaN\n");
    }
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    assertThat(get("/livez").statusCode()).isEqualTo(200);
    assertThat(get("/").statusCode()).isEqualTo(404);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + broker.managementPort().orElseThrow() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void anUnreadableReportIsAcknowledgedCountedAndDropped() {
    var counter = broker.metrics().counter(Reports.UNREADABLE);
    long before = counter.getCount();
    try (var client = connected(true)) {
      client.publish(inform(device), "not JSON");
      client.publish(inform(device), " ".repeat(ReportReader.MAX_PAYLOAD + 1));
      client.publish(ota(device, "progress"), "{\"params\":{\"step\":\"101\"}}");
      client.publish(inform(device), "{\"params\":{\"version\":\"1.0.0\"}}");

      assertThat(counter.getCount()).isEqualTo(before + 3);
      assertThat(inputs.of(device)).extracting(input -> input.getClass().getSimpleName()).containsExactly("Connected",
          "VersionReported");
    }
  }

  @Test
  void aSecondConnectionOfADeviceTakesOverAndHasALargerSession() {
    try (var first = connected(true); var second = connected(true)) {
      assertThat(first.gone()).succeedsWithin(Duration.ofSeconds(60));
      second.publish(inform(device), "{\"params\":{\"version\":\"1.0.0\"}}");

      eventually().untilAsserted(() -> assertThat(inputs.of(device)).hasSize(4)
          .filteredOn(DeviceInput.Disconnected.class::isInstance).singleElement()
          .extracting(input -> ((DeviceInput.Disconnected) input).session()).isEqualTo(sessions().getFirst()));
      assertThat(sessions()).hasSize(2).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void aDeviceThatMayNotLogInDoesNotDisturbTheOneThatIsThere() {
    try (var client = connected(true)) {
      assertThat(refusal(TestClient.device(broker.port(), device, "another secret", true)))
          .isEqualTo(Mqtt3ConnAckReturnCode.BAD_USER_NAME_OR_PASSWORD);

      client.publish(inform(device), "{\"params\":{\"version\":\"1.0.0\"}}");
      assertThat(inputs.of(device)).hasSize(2);
    }
  }

  @Test
  void aDeviceThatIsDisabledOrDeletedWhileItIsConnectedIsDisconnectedAndNotLetInAgain() {
    var deleted = new DeviceId(PRODUCT, new DeviceName("deleted"));
    jobService.knows(deleted, TestClient.SECRET, true);
    try (var client = connected(true);
        var other = TestClient.device(broker.port(), deleted, TestClient.SECRET, false).connect(false);
        var registry = new RegistryLog(TestInfra.kafkaBootstrapServers())) {
      other.subscribe(ota(deleted, "upgrade"));
      jobService.knows(device, TestClient.SECRET, false);
      jobService.forgets(deleted);
      registry.write(new RegistryEvent.DeviceDisabled(PRODUCT, device.deviceName(), Instant.EPOCH));
      registry.write(new RegistryEvent.DeviceDeleted(PRODUCT, deleted.deviceName(),
          new IotId(PRODUCT.value() + "0000000000000000100"), Instant.EPOCH));

      assertThat(client.gone()).succeedsWithin(Duration.ofSeconds(60));
      assertThat(other.gone()).succeedsWithin(Duration.ofSeconds(60));
    }
    // What was known of it is forgotten, so that nothing lets it in while job-service is down.
    jobService.breaks();
    assertThat(refusal(TestClient.device(broker.port(), device, TestClient.SECRET, true)))
        .isEqualTo(Mqtt3ConnAckReturnCode.SERVER_UNAVAILABLE);
    jobService.works();
    assertThat(refusal(TestClient.device(broker.port(), device, TestClient.SECRET, true)))
        .isEqualTo(Mqtt3ConnAckReturnCode.NOT_AUTHORIZED);

    // Another device of the name hears nothing of what was meant for the first.
    dispatcher.publish(ota(deleted, "upgrade"), "for the one that was deleted");
    jobService.knows(deleted, TestClient.SECRET, true);
    try (var namesake = TestClient.device(broker.port(), deleted, TestClient.SECRET, false).connect(false)) {
      namesake.subscribe(path(deleted) + "/user/mark");
      dispatcher.publish(path(deleted) + "/user/mark", "1");
      eventually().untilAsserted(() -> assertThat(namesake.received()).containsExactly(path(deleted) + "/user/mark 1"));
    }
    eventually().untilAsserted(() -> assertThat(inputs.of(device)).last().isInstanceOf(DeviceInput.Disconnected.class));
  }

  @Test
  void whoFailsAgainAndAgainIsSlowedDownAndADeviceWithItsSecretIsLetInAllTheSame() {
    for (int i = 0; i < FailedLogins.FREE; i++) {
      assertThat(refusal(TestClient.device(broker.port(), device, "another secret", true)))
          .isEqualTo(Mqtt3ConnAckReturnCode.BAD_USER_NAME_OR_PASSWORD);
    }
    int asked = jobService.asked();
    var answers = Stream.generate(() -> refusal(TestClient.device(broker.port(), device, "another secret", true)))
        .limit(20).toList();

    // What comes too early is not even looked up.
    assertThat(answers).contains(Mqtt3ConnAckReturnCode.SERVER_UNAVAILABLE);
    assertThat(jobService.asked() - asked).isLessThan(10);
    eventually().ignoreExceptions().untilAsserted(
        () -> TestClient.device(broker.port(), device, TestClient.SECRET, true).connect().disconnect());
  }

  @Test
  void aDeviceConnectsOverTlsWhenThatIsConfigured() {
    try (var client = TestClient.device(broker.tlsPort().orElseThrow(), device, TestClient.SECRET, true,
        certificate.trusted()).connect()) {
      client.publish(inform(device), "{\"params\":{\"version\":\"1.0.0\"}}");
      assertThat(inputs.of(device)).hasSize(2);
      dispatcher.publish(ota(device, "upgrade"), "over TLS");
      eventually().untilAsserted(
          () -> assertThat(client.received()).containsExactly(ota(device, "upgrade") + " over TLS"));
    }
    assertThat(broker.port()).isNotEqualTo(broker.tlsPort().orElseThrow());
  }

  @Test
  void aRestartEndsSessionsForTheLogAndKeepsThoseOfMqtt() {
    connected(true, false);
    dispatcher.disconnect();
    broker.close();
    assertThat(inputs.of(device)).extracting(input -> input.getClass().getSimpleName()).containsExactly("Connected",
        "Disconnected");

    broker = EmbeddedBroker.start(config());
    dispatcher = TestClient.login(broker.port(), "dispatcher-1", "dispatcher", "dispatcher-password").connect();
    dispatcher.publish(ota(device, "upgrade"), "while it was away");
    try (var client = connected(true, false)) {
      eventually().untilAsserted(
          () -> assertThat(client.received()).containsExactly(ota(device, "upgrade") + " while it was away"));
      assertThat(sessions()).hasSize(2).isSorted().doesNotHaveDuplicates();
    }
  }

  private TestClient connected(boolean implicitSubscriptions) {
    return connected(implicitSubscriptions, true);
  }

  private TestClient connected(boolean implicitSubscriptions, boolean cleanSession) {
    return TestClient.device(broker.port(), device, TestClient.SECRET, implicitSubscriptions).connect(cleanSession);
  }

  private List<Long> sessions() {
    return inputs.of(device).stream().filter(DeviceInput.Connected.class::isInstance)
        .map(input -> ((DeviceInput.Connected) input).session()).toList();
  }

  private static Mqtt3ConnAckReturnCode refusal(TestClient client) {
    return refusal(client.tryToConnect(true));
  }

  private static Mqtt3ConnAckReturnCode refusal(CompletableFuture<?> answer) {
    try {
      answer.get(60, TimeUnit.SECONDS);
      throw new AssertionError("accepted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Mqtt3ConnAckException refused) {
        return refused.getMqttMessage().getReturnCode();
      }
      throw new AssertionError(e);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static void join(CompletableFuture<?> future) {
    assertThat(future).succeedsWithin(Duration.ofSeconds(60));
  }

  private static String inform(DeviceId device) {
    return ota(device, "inform");
  }

  private static String ota(DeviceId device, String kind) {
    return "/ota/device/" + kind + path(device);
  }

  private static String sys(DeviceId device, String path) {
    return "/sys" + path(device) + "/" + path;
  }

  private static String path(DeviceId device) {
    return "/" + device.productKey() + "/" + device.deviceName();
  }

  /** Longer than it ever takes on a machine that is busy with other things. */
  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }
}
