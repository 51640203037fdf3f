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
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    var ends = range.substring("bytes=".length()).split("-", -1);
    int from = Integer.parseInt(ends[0]);
    int last = ends[1].isEmpty() ? FIRMWARE.length - 1 : Integer.parseInt(ends[1]);
    int length = last + 1 - from;
    exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + last + "/" + FIRMWARE.length);
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

  @ParameterizedTest
  @CsvSource({"FAIL_1, -1", "FAIL_2, -2", "FAIL_3, -3", "FAIL_4, -4", "CORRUPT_DOWNLOAD, -3"})
  void aDeviceThatIsToFailReportsItsStepAndStaysAsItIs(Behaviour behaviour, String step) {
    try (var device = device().behaviour(behaviour).start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      awaitFailure(device, step);
      assertThat(kinds(device)).containsOnlyOnce(Happening.Kind.FAILED).doesNotContain(Happening.Kind.REBOOTED);
    }
  }

  @Test
  void aDeviceThatGivesItsDownloadUpHasHalfOfIt() {
    var bytes = new AtomicLong();
    try (var device = device().behaviour(Behaviour.FAIL_2).onReceived(bytes::addAndGet).start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      awaitFailure(device, "-2");
    }
    assertThat(bytes).hasValue(FIRMWARE.length / 2);
    assertThat(ranges).containsExactly("bytes=0-" + (FIRMWARE.length / 2 - 1));
  }

  @Test
  void aDeviceMayComeBackWithAVersionThatNobodyAskedFor() {
    try (var device = device().behaviour(Behaviour.WRONG_VERSION).start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "2.0.0-wrong"));
    }
  }

  @Test
  void aSlowDeviceDownloadsInPiecesAndTakesItsTime() {
    try (var device = device().behaviour(Behaviour.SLOW).slowness(Duration.ofMillis(500)).start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));

      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "2.0.0"));
      assertThat(ranges).hasSize(10).startsWith("bytes=0-29999", "bytes=30000-59999").endsWith("bytes=270000-");
      assertThat(Duration.between(at(device, Happening.Kind.PUSHED), at(device, Happening.Kind.REBOOTED)))
          .isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }
  }

  @Test
  void aFlappingDeviceReportsItsOldVersionAfterEachLossGoesOnWhereItWasAndSucceeds() {
    try (var device = device().behaviour(Behaviour.FLAPPING).start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));

      eventually().untilAsserted(
          () -> assertThat(informed(device)).containsExactly("1.0.0", "1.0.0", "1.0.0", "1.0.0", "2.0.0"));
      assertThat(device.happenings()).filteredOn(happening -> happening.kind() == Happening.Kind.RESUMED)
          .extracting(Happening::detail).containsExactly("90000", "180000", "270000");
      assertThat(ranges).doesNotHaveDuplicates().hasSize(10);
      // Each connection but the last is over, also the one that was not given up but taken over.
      eventually().untilAsserted(
          () -> assertThat(kinds(device)).filteredOn(Happening.Kind.DISCONNECTED::equals).hasSize(4));
    }
  }

  @Test
  void aDeviceThatIsToldOfTheVersionThatItRunsReportsItAgain() {
    try (var device = device().signing(Signing.HMAC_MD5).start()) {
      push(device, "1.0.0", "Md5", digest("MD5"));

      eventually().untilAsserted(() -> assertThat(informed(device)).containsExactly("1.0.0", "1.0.0"));
      assertThat(kinds(device)).contains(Happening.Kind.REPEATED).doesNotContain(Happening.Kind.PUSHED);
      assertThat(ranges).isEmpty();
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
  void aDeviceRemembersOnlyTheLastOfWhatHappened() {
    try (var device = device().remembered(2).start()) {
      push(device, "2.0.0", "Md5", digest("MD5"));
      eventually().untilAsserted(() -> assertThat(kinds(device)).containsExactly(Happening.Kind.CONNECTED,
          Happening.Kind.INFORMED));
    }
  }

  @Test
  void aFleetIsCounted() throws InterruptedException {
    var behaviours = Shares.of("ok=80,silent=5,fail-3=5,wrong-version=5,flapping=5").deal(100, 1);
    var names = IntStream.range(0, 100).mapToObj(i -> "fleet-" + i).toList();
    try (var fleet = new Fleet(IntStream.range(0, 100)
        .mapToObj(i -> SimulatedDevice.builder("127.0.0.1", broker.port(), PRODUCT, names.get(i), SECRET)
            .behaviour(behaviours.get(i)).pause(Duration.ofMillis(1)))
        .toList())) {
      fleet.start(1000);
      eventually().until(() -> fleet.counts().informed() == 100);
      names.forEach(one -> push(PRODUCT + "/" + one, "2.0.0", "Md5", digest("MD5")));

      // 5 flapping ones lose their connection three times, and 90 go down once to come back with another version.
      eventually().untilAsserted(() -> assertThat(fleet.counts())
          .isEqualTo(new Fleet.Counts(100, 100, 100, 0, 100, 90, 5, 105, 0, 95L * FIRMWARE.length)));
      eventually().until(() -> fleet.upgrades().count() == 95);
      assertThat(fleet.lastRefusal()).isEmpty();
    }
  }

  private SimulatedDevice.Builder device() {
    return SimulatedDevice.builder("127.0.0.1", broker.port(), PRODUCT, name, SECRET).pause(Duration.ofMillis(5));
  }

  private static void push(SimulatedDevice device, String version, String signMethod, String sign) {
    assertThat(device.informed()).succeedsWithin(Duration.ofSeconds(60));
    push(device.id().key(), version, signMethod, sign);
  }

  private static void push(String key, String version, String signMethod, String sign) {
    var data = Map.of("size", FIRMWARE.length, "version", version, "isDiff", 0, "url",
        "http://127.0.0.1:" + http.getAddress().getPort() + "/firmware", "signMethod", signMethod, "sign", sign, "md5",
        digest("MD5"), "module", "default");
    dispatcher.publishWith().topic("/ota/device/upgrade/" + key).qos(MqttQos.AT_LEAST_ONCE)
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

  private static Instant at(SimulatedDevice device, Happening.Kind kind) {
    return device.happenings().stream().filter(happening -> happening.kind() == kind).findFirst().orElseThrow().at();
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
