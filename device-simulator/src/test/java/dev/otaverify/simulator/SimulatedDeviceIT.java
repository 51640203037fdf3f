// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.mqttbroker.BrokerConfig;
import dev.otaverify.mqttbroker.EmbeddedBroker;
import dev.otaverify.testinfra.TestInfra;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices on the real broker, told to upgrade by a client that plays the dispatcher. */
class SimulatedDeviceIT {
  private static final String PRODUCT = "a1VJwBw0000";
  private static final String SECRET = "devsecret0123456789";
  private static final byte[] FIRMWARE = firmware();
  private static final AtomicInteger NAMES = new AtomicInteger();

  @TempDir
  static Path dataDir;

  private static HttpServer http;
  private static EmbeddedBroker broker;
  private static Mqtt3BlockingClient dispatcher;
  private static final AtomicInteger breaks = new AtomicInteger();
  private static final List<String> ranges = new CopyOnWriteArrayList<>();

  private final String name = "device-" + NAMES.incrementAndGet();

  @BeforeAll
  static void start() throws IOException {
    TestInfra.createTopics(Topics.all());
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/internal/devices/", exchange -> {
      var body = ("{\"deviceSecret\":\"" + SECRET + "\",\"enabled\":true}").getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    http.createContext("/firmware", SimulatedDeviceIT::serve);
    http.start();
    broker = EmbeddedBroker.start(new BrokerConfig(0, "127.0.0.1", TestInfra.kafkaBootstrapServers(),
        URI.create("http://127.0.0.1:" + http.getAddress().getPort()), "token", "dispatcher", "password", dataDir,
        Duration.ofSeconds(10)));
    dispatcher = Mqtt3Client.builder().serverHost("127.0.0.1").serverPort(broker.port()).identifier("dispatcher")
        .simpleAuth().username("dispatcher").password("password".getBytes(StandardCharsets.UTF_8)).applySimpleAuth()
        .buildBlocking();
    dispatcher.connect();
  }

  @AfterAll
  static void stop() {
    dispatcher.disconnect();
    broker.close();
    http.stop(0);
  }

  @BeforeEach
  @AfterEach
  void repair() {
    breaks.set(0);
    ranges.clear();
  }

  /** Half of what is asked for, and then nothing, as often as it is to break. */
  private static void serve(HttpExchange exchange) throws IOException {
    var range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(range);
    int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    int length = FIRMWARE.length - from;
    exchange.getResponseHeaders().set("Content-Range",
        "bytes " + from + "-" + (FIRMWARE.length - 1) + "/" + FIRMWARE.length);
    exchange.sendResponseHeaders(206, length);
    boolean breaksNow = breaks.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    exchange.getResponseBody().write(FIRMWARE, from, breaksNow ? length / 2 : length);
    exchange.close();
  }

  @Test
  void aDeviceDownloadsChecksReportsAndComesBackWithTheNewVersion() {
    var progress = new CopyOnWriteArrayList<Integer>();
    try (var device = device().onProgress(progress::add).start()) {
      push(device, "2.0.0", "SHA256", digest("SHA-256"));

      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "2.0.0"));
      assertThat(device.version()).isEqualTo("2.0.0");
      assertThat(progress).containsExactlyElementsOf(IntStream.rangeClosed(0, 10).map(i -> i * 10).boxed().toList());
      assertThat(kinds(device)).containsSubsequence(Happening.Kind.CONNECTED, Happening.Kind.INFORMED,
          Happening.Kind.PUSHED, Happening.Kind.DOWNLOADED, Happening.Kind.REBOOTED, Happening.Kind.DISCONNECTED,
          Happening.Kind.CONNECTED, Happening.Kind.INFORMED);
    }
  }

  @Test
  void anotherUpgradeAfterTheFirstIsTakenWithoutImplicitSubscriptionsAndWithSha1Too() {
    try (var device = device().implicitSubscriptions(false).signing(Signing.HMAC_SHA1).acknowledgedReports(false)
        .start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "2.0.0"));
      push(device, "3.0.0", "Md5", digest("MD5"));
      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "2.0.0", "3.0.0"));
    }
  }

  @Test
  void aDownloadThatBreaksGoesOnWhereItBroke() {
    breaks.set(2);
    try (var device = device().start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));

      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "2.0.0"));
      assertThat(kinds(device)).filteredOn(Happening.Kind.RESUMED::equals).hasSize(2);
      assertThat(ranges).hasSize(3).startsWith("bytes=0-").doesNotHaveDuplicates();
    }
  }

  @Test
  void aDownloadThatBreaksTooOftenIsReported() {
    breaks.set(100);
    try (var device = device().start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      awaitFailure(device, "-2");
    }
  }

  @Test
  void aFileThatIsNotTheOneAnnouncedIsReported() {
    try (var device = device().start()) {
      push(device, "2.0.0", "Md5", "0cc175b9c0f1b6a831c399e269772661");
      awaitFailure(device, "-3");
    }
  }

  @Test
  void aDeviceThatIsToFailReportsThatBurningFailed() {
    try (var device = device().behaviour(Behaviour.FAIL).start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      awaitFailure(device, "-4");
    }
  }

  @Test
  void aSilentDeviceHearsAndDoesNothing() {
    try (var device = device().behaviour(Behaviour.SILENT).start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      eventually().untilAsserted(() -> assertThat(kinds(device)).endsWith(Happening.Kind.PUSHED));
      assertThat(ranges).isEmpty();
    }
  }

  @Test
  void aPushThatComesAgainIsIgnored() {
    try (var device = device().start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      push(device, "2.0.0", "Md5", digest("MD5"));

      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "2.0.0"));
      assertThat(kinds(device)).filteredOn(Happening.Kind.PUSHED::equals).hasSize(1);
      assertThat(kinds(device)).filteredOn(Happening.Kind.IGNORED::equals).hasSize(1);
    }
  }

  @Test
  void aDeviceThatWasAwayReportsItsVersionWhenItIsBack() {
    try (var device = device().start()) {
      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0"));
      device.goOffline();
      device.goOnline();
      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "1.0.0"));
    }
  }

  @Test
  void aHundredDevicesUpgradeAtOnce() {
    var devices = IntStream.range(0, 100)
        .mapToObj(i -> SimulatedDevice.builder("127.0.0.1", broker.port(), PRODUCT, "fleet-" + i, SECRET)
            .pause(Duration.ofMillis(1)).start())
        .toList();
    try {
      devices.forEach(device -> push(device, "2.0.0", "Md5", digest("MD5")));
      eventually().untilAsserted(
          () -> assertThat(devices).allSatisfy(device -> assertThat(informed(device)).endsWith("2.0.0")));
    } finally {
      devices.forEach(SimulatedDevice::close);
    }
  }

  private SimulatedDevice.Builder device() {
    return SimulatedDevice.builder("127.0.0.1", broker.port(), PRODUCT, name, SECRET).pause(Duration.ofMillis(5));
  }

  private static void push(SimulatedDevice device, String version, String signMethod, String sign) {
    assertThat(device.informed()).succeedsWithin(Duration.ofSeconds(60));
    var data = Map.of("size", FIRMWARE.length, "version", version, "isDiff", 0, "url",
        "http://127.0.0.1:" + http.getAddress().getPort() + "/firmware", "signMethod", signMethod, "sign", sign, "md5",
        digest("MD5"), "module", "default");
    dispatcher.publishWith().topic("/ota/device/upgrade/" + device.id().key()).qos(MqttQos.AT_LEAST_ONCE)
        .payload(Wire.JSON.writeValueAsBytes(Map.of("code", "1000", "data", data, "id", 1, "message", "success")))
        .send();
  }

  private static void awaitFailure(SimulatedDevice device, String step) {
    eventually().untilAsserted(() -> assertThat(device.happenings()).last().satisfies(last -> {
      assertThat(last.kind()).isEqualTo(Happening.Kind.FAILED);
      assertThat(last.detail()).isEqualTo(step);
    }));
    assertThat(device.version()).isEqualTo("1.0.0");
  }

  private static List<Happening.Kind> kinds(SimulatedDevice device) {
    return device.happenings().stream().map(Happening::kind).toList();
  }

  private static List<String> informed(SimulatedDevice device) {
    return device.happenings().stream().filter(happening -> happening.kind() == Happening.Kind.INFORMED)
        .map(Happening::detail).toList();
  }

  private static byte[] firmware() {
    var bytes = new byte[300_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 + i / 256);
    }
    return bytes;
  }

  private static String digest(String algorithm) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(FIRMWARE));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Longer than it ever takes on a machine that is busy with other things. */
  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }
}
