// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.sun.net.httpserver.HttpServer;
import dev.otaverify.kit.DownloadLinks;
import dev.otaverify.simulator.Happening;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Devices that are in the field: with the vendor's SDK, and with what its SDK in C sends. */
@ExtendWith(SharedStack.class)
class FieldDevicesIT {
  private static final byte[] CONTENT = "a firmware\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);

  private static Settings settings;

  @BeforeAll
  static void aStack(Settings shared) {
    settings = shared;
  }

  @Test
  void theVendorsSdkForNodeGoesTheWholeWay(@TempDir Path directory) throws Exception {
    var sdk = NodeProgram.install(Path.of("src/test/vendor-sdk"), "device.js", directory);
    var verification = Verification.of(api(), "vendor_sdk", CONTENT);
    var secret = verification.device("device-01");
    var output = directory.resolve("output");
    var device = sdk.process(Map.of("PRODUCT_KEY", verification.product(), "DEVICE_NAME", "device-01",
        "DEVICE_SECRET", secret, "BROKER_URL", "mqtt://127.0.0.1:" + settings.port(Part.MQTT_BROKER)))
        .redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      var job = verification.begin("device-01", 60);

      var task = verification.taskAfterVerdict(job, 1);
      assertThat(task.path("TaskStatus").asString()).isEqualTo("SUCCEEDED");
      assertThat(task.path("SrcVersion").asString()).isEqualTo(Verification.SOURCE);
      assertThat(verification.history(task)).containsSubsequence("CREATED to version 2.0.0",
          "NOTIFIED attempt 1, from version 1.0.0", "PROGRESSED 10 %, \"downloading\"", "PROGRESSED 99 %, \"burning\"",
          "SUCCEEDED reported version 2.0.0");
    } finally {
      device.destroy();
      device.waitFor(10, TimeUnit.SECONDS);
    }
    assertThat(Files.readAllLines(output)).contains("connected", "progress 10", "downloaded " + CONTENT.length,
        "progress 99", "informed 2.0.0").anyMatch(line -> line.startsWith("upgrade 2.0.0 size " + CONTENT.length))
        .noneMatch(line -> line.startsWith("error"));
  }

  /** Link SDK C never subscribes the topics of OTA: it announces {@code _ss=1} and is sent them all the same. */
  @Test
  void aDeviceThatNeverSubscribesIsPushedIfItAnnouncesIt() throws Exception {
    var verification = Verification.of(api(), "announces", CONTENT);
    try (var device = new LinkSdkC(port(), verification.product(), "device-01", verification.device("device-01"),
        true)) {
      var job = verification.begin("device-01", 60);

      var task = verification.taskAfterVerdict(job, 1);
      assertThat(task.path("TaskStatus").asString()).isEqualTo("SUCCEEDED");
      assertThat(device.topics).contains("/ota/device/upgrade/" + verification.product() + "/device-01");
    }
  }

  @Test
  void aDeviceThatNeverSubscribesAndDoesNotAnnounceItIsNotPushed() throws Exception {
    var verification = Verification.of(api(), "silent", CONTENT);
    try (var device = new LinkSdkC(port(), verification.product(), "device-01", verification.device("device-01"),
        false)) {
      var job = verification.begin("device-01", 6);

      var task = verification.taskAfterVerdict(job, 3);
      assertThat(task.path("TaskStatus").asString()).isEqualTo("FAILED");
      assertThat(task.path("TaskDesc").asString()).contains("start timeout");
      assertThat(device.topics).isEmpty();
    }
  }

  @Test
  void aDeviceAsksInTheOlderFormAndIsAnsweredThere() throws Exception {
    var verification = Verification.of(api(), "older_form", CONTENT);
    try (var device = new LinkSdkC(port(), verification.product(), "device-01", verification.device("device-01"),
        true)) {
      var job = verification.begin("device-01", 60, Map.of("NeedPush", "false"));
      // Until there is a firmware for it, as a device does.
      await().pollInterval(Duration.ofMillis(200)).atMost(Duration.ofSeconds(60)).until(() -> {
        device.publish("request", "{\"id\":7,\"params\":{}}");
        return !device.urls.isEmpty();
      });

      verification.taskAfterVerdict(job, 1);
      assertThat(device.topics).containsOnly("/ota/device/request/" + verification.product() + "/device-01");
    }
  }

  @Test
  void aDeltaOfAModuleGoesOnlyToADeviceThatRunsItsSource() {
    var verification = Verification.of(api(), "a_module", CONTENT,
        Map.of("ModuleName", "mcu", "Type", "1", "SrcVersion", "1.0.0"));
    try (var older = module(verification, "device-01", "0.9.0");
        var device = module(verification, "device-02", "1.0.0")) {
      older.informed().orTimeout(60, TimeUnit.SECONDS).join();
      device.informed().orTimeout(60, TimeUnit.SECONDS).join();

      var failed = verification.taskAfterVerdict(verification.begin("device-01", 60), 3);
      assertThat(failed.path("TaskDesc").asString())
          .isEqualTo("source version mismatch: expected 1.0.0 (what the delta to 2.0.0 applies to), got 0.9.0");
      assertThat(older.happenings()).noneMatch(happening -> happening.kind() == Happening.Kind.PUSHED);
      var succeeded = verification.taskAfterVerdict(verification.begin("device-02", 60), 1);
      assertThat(succeeded.path("TaskStatus").asString()).isEqualTo("SUCCEEDED");
    }
  }

  @Test
  void aFirmwareOnAnotherServerIsDownloadedFromThere() throws Exception {
    var elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    elsewhere.createContext("/fw/2.0.0.bin", exchange -> {
      exchange.sendResponseHeaders(200, CONTENT.length);
      exchange.getResponseBody().write(CONTENT);
      exchange.close();
    });
    elsewhere.start();
    try {
      var verification = Verification.of(api(), "elsewhere", CONTENT, Map.of("FirmwareUrl",
          "http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/fw/2.0.0.bin?v=1", "FirmwareSize",
          String.valueOf(CONTENT.length), "SignMethod", "SHA256", "FirmwareSign",
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT))));
      try (var device = new LinkSdkC(port(), verification.product(), "device-01", verification.device("device-01"),
          true)) {
        verification.taskAfterVerdict(verification.begin("device-01", 60), 1);

        assertThat(device.urls).containsExactly(
            "http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/fw/2.0.0.bin?v=1");
      }
    } finally {
      elsewhere.stop(0);
    }
  }

  private static SimulatedDevice module(Verification verification, String name, String version) {
    return SimulatedDevice
        .builder("127.0.0.1", settings.port(Part.MQTT_BROKER), verification.product(), name, verification.device(name))
        .module("mcu").version(version).pause(Duration.ofMillis(20)).start();
  }

  @Test
  void aDeviceKeepsToItsOwnNameAndTopicsAndALinkToItsTime() throws Exception {
    var verification = Verification.of(api(), "its_own", CONTENT);
    var product = verification.product();
    var secretOfA = verification.device("device-A");
    var secretOfB = verification.device("device-B");

    assertThatThrownBy(() -> new LinkSdkC(port(), product, "device-B", secretOfA, true))
        .hasRootCauseInstanceOf(Mqtt3ConnAckException.class).hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");

    try (var b = new LinkSdkC(port(), product, "device-B", secretOfB, true);
        var a = new LinkSdkC(port(), product, "device-A", secretOfA, true)) {
      assertThatThrownBy(
          () -> a.client.subscribeWith().topicFilter("/ota/device/upgrade/" + product + "/device-B").send()
              .get(60, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(Mqtt3SubAckException.class);
      // Refused, and the end of its connection: MQTT 3 has no other way to say it.
      assertThatThrownBy(() -> a.client.publishWith().topic("/ota/device/inform/" + product + "/device-B")
          .qos(MqttQos.AT_LEAST_ONCE)
          .payload("{\"id\":1,\"params\":{\"version\":\"6.6.6\"}}".getBytes(StandardCharsets.UTF_8))
          .send().get(60, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);

      var job = verification.begin("device-B", 60);
      var task = verification.taskAfterVerdict(job, 1);
      assertThat(task.path("SrcVersion").asString()).as("what A said of B counts for nothing").isEqualTo("1.0.0");
      assertThat(a.topics).isEmpty();
      var link = URI.create(b.urls.getFirst());
      assertThat(status(link)).isEqualTo(200);
      var key = link.getPath().substring("/d/".length());
      var expired = new DownloadLinks(settings.signingKey()).path(key, Instant.now().minusSeconds(1));
      assertThat(status(link.resolve(expired))).isEqualTo(403);
      assertThat(status(URI.create(link.toString().replace("e=", "e=z")))).as("its time drawn out").isEqualTo(403);
    }
  }

  private static int status(URI url) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static int port() {
    return settings.port(Part.MQTT_BROKER);
  }

  private static ApiClient api() {
    return ApiClient.of(settings);
  }
}
