// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Topics;
import dev.otaverify.testinfra.TestInfra;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker as a process: ours, and a plain HiveMQ that loads the built extension from its folder. */
class BrokerProcessIT {
  private static final Path EXTENSION = Path.of("target", "ota-extension");
  private static final Pattern READY = Pattern.compile("^ready mqtt 127\\.0\\.0\\.1:(\\d+)$");
  private static final Pattern METRICS = Pattern.compile("metrics at (http://127\\.0\\.0\\.1:\\d+/\\S+)");
  private static final Pattern LISTENING = Pattern.compile("Started TCP Listener on address .* and on port (\\d+)");

  @TempDir
  Path directory;

  private DeviceId device;
  private JobServiceStub jobService;
  private DeviceInputs inputs;

  @BeforeEach
  void start() throws IOException {
    device = new DeviceId(
        new ProductKey("a1" + String.format(Locale.ROOT, "%09d", ThreadLocalRandom.current().nextInt(1_000_000_000))),
        new DeviceName("device-1"));
    TestInfra.createTopics(Topics.all());
    jobService = new JobServiceStub();
    jobService.knows(device, TestClient.SECRET, true);
    inputs = new DeviceInputs(TestInfra.kafkaBootstrapServers());
  }

  @AfterEach
  void stop() {
    inputs.close();
    jobService.close();
  }

  @Test
  void aBrokerThatIsKilledEndsItsSessionsWhenItIsBack() throws IOException, InterruptedException {
    try (var killed = ours()) {
      connectedTo(port(killed));
      eventually().untilAsserted(() -> assertThat(kinds()).containsExactly("Connected"));
      killed.kill();
    }

    try (var next = ours()) {
      int port = port(next);
      eventually().untilAsserted(() -> assertThat(kinds()).containsExactly("Connected", "Disconnected"));
      var connected = (DeviceInput.Connected) inputs.of(device).getFirst();
      assertThat(inputs.of(device).getLast()).isInstanceOfSatisfying(DeviceInput.Disconnected.class,
          disconnected -> assertThat(disconnected.session()).isEqualTo(connected.session()));

      connectedTo(port);
      assertThat(next.stop()).isTrue();
      assertThat(kinds()).containsExactly("Connected", "Disconnected", "Connected", "Disconnected");
    }
  }

  @Test
  void aPlainHiveMqLoadsTheExtensionFromItsFolder() throws IOException, InterruptedException {
    var home = directory.resolve("home");
    copy(EXTENSION, home.resolve("extensions").resolve("ota-extension"));
    Files.createDirectories(home.resolve("conf"));
    Files.writeString(home.resolve("conf").resolve("config.xml"),
        """
        <hivemq>
          <listeners><tcp-listener><port>0</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
        </hivemq>
        """);
    // What the image has, and nothing of ours or of Kafka's.
    var classPath = Arrays.stream(ChildJvm.classPath().split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar")).filter(entry -> !entry.matches(
            ".*(otaverify|shared-contracts|local-infra|test-infra|kafka|micrometer|prometheus-metrics|tools.jackson|lz4|zstd|snappy|hivemq-mqtt-client).*"))
        .collect(Collectors.joining(File.pathSeparator));
    var environment = new HashMap<>(environment());
    environment.put("HIVEMQ_HOME", home.toString());
    environment.put("OTA_MANAGEMENT_PORT", "0");

    try (var hiveMq = ChildJvm.start(classPath, "com.hivemq.HiveMQServer", environment,
        List.of("--add-opens=java.base/java.nio=ALL-UNNAMED"))) {
      var metrics = URI.create(hiveMq.awaitLine(METRICS));
      int port = Integer.parseInt(hiveMq.awaitLine(LISTENING));
      try (var client = connectedTo(port)) {
        client.publish("/ota/device/inform/" + device.key(), "{\"id\":1,\"params\":{\"version\":\"1.0.0\"}}");
        assertThat(kinds()).containsExactly("Connected", "VersionReported");
        assertThat(get(metrics)).contains("ota_broker_devices 1.0",
            "ota_broker_logins_total{outcome=\"accepted\"} 1.0");
      }
      assertThat(TestClient.device(port, device, "another secret", true).tryToConnect(true))
          .failsWithin(Duration.ofSeconds(60));
    }
  }

  private static String get(URI uri) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private ChildJvm ours() throws IOException {
    return ChildJvm.start(ChildJvm.classPath(), MqttBroker.class.getName(), environment(), List.of());
  }

  private static int port(ChildJvm broker) throws IOException {
    return Integer.parseInt(broker.awaitLine(READY));
  }

  private Map<String, String> environment() {
    return Map.of("OTA_MQTT_PORT", "0", "OTA_KAFKA_BOOTSTRAP_SERVERS", TestInfra.kafkaBootstrapServers(),
        "OTA_CREDENTIALS_URL", jobService.url().toString(), "OTA_INTERNAL_TOKEN", JobServiceStub.TOKEN,
        "OTA_MQTT_SERVICE_USER", "dispatcher", "OTA_MQTT_SERVICE_PASSWORD", "dispatcher-password", "OTA_DATA_DIR",
        directory.resolve("data").toString());
  }

  private TestClient connectedTo(int port) {
    return TestClient.device(port, device, TestClient.SECRET, true).connect();
  }

  private List<String> kinds() {
    return inputs.of(device).stream().map(input -> input.getClass().getSimpleName()).toList();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (var file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Longer than it ever takes on a machine that is busy with other things. */
  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }
}
