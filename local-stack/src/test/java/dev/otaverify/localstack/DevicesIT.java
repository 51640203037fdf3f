// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.simulator.Shares;
import dev.otaverify.simulator.Signing;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./ota devices} on a stack, as another process would run it: by its endpoint and MQTT port. */
@ExtendWith(SharedStack.class)
class DevicesIT {
  /** In seconds, which this stack counts as minutes: a silent device is one for so long. */
  private static final int TIMEOUT = 20;

  private static Settings settings;
  private static ApiClient api;

  @TempDir
  Path known;

  @BeforeAll
  static void aStack(Settings shared) {
    settings = shared;
    api = ApiClient.of(settings);
  }

  @Test
  void everyVerdictIsTheOneThatTheDevicesBehaviourMustLeadTo() {
    var shares = Shares.of("ok=25,slow=1,flapping=2,fail-1=1,fail-2=1,fail-3=1,fail-4=1,wrong-version=3,"
        + "corrupt-download=3,silent=2");
    var output = new ByteArrayOutputStream();

    boolean right = run(plan(40, shares, 4), null, output);

    assertThat(right).as(text(output)).isTrue();
    assertThat(text(output)).contains("Registering 40 of 40 devices").contains("Jobs: 4; right verdicts: 4, wrong: 0")
        .containsPattern("ok +SUCCEEDED +25 +yes").containsPattern("slow +SUCCEEDED +1 +yes")
        .containsPattern("flapping +SUCCEEDED +2 +yes").containsPattern("fail-1 +FAILED +upgrade failed +1 +yes")
        .containsPattern("fail-2 +FAILED +download failed +1 +yes")
        .containsPattern("fail-3 +FAILED +digest failed +1 +yes")
        .containsPattern("fail-4 +FAILED +burning failed +1 +yes")
        .containsPattern("wrong-version +FAILED +unexpected version +3 +yes")
        .containsPattern("corrupt-download +FAILED +digest failed +3 +yes")
        .containsPattern("silent +FAILED +start timeout +2 +yes").doesNotContain("  NO");
  }

  @Test
  void theNextRunTakesTheSameDevicesAndOneWhoseSecretIsLostKeepsIt() throws Exception {
    var first = new ByteArrayOutputStream();
    var second = new ByteArrayOutputStream();
    var third = new ByteArrayOutputStream();
    var ok = Shares.of("ok");

    // Twice as many jobs as there are tens of devices: they go from one version to the next.
    assertThat(run(plan(10, ok, 2), null, first)).as(text(first)).isTrue();
    assertThat(text(first)).contains("verified: 2");
    var file = known.resolve("devices-127.0.0.1-" + settings.port(Part.API_GATEWAY) + ".csv");
    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(run(plan(12, ok, 1), null, second)).as(text(second)).isTrue();
    assertThat(text(second)).contains("Registering 2 of 12 devices").contains("verified: 1")
        .contains(product(first));
    Files.delete(file);
    assertThat(run(plan(12, ok, 1), product(first), third)).as(text(third)).isTrue();
    assertThat(text(third)).contains("Registering 12 of 12 devices");
  }

  @Test
  void aWrongVerdictIsNoticed() {
    // given: devices that are busy with another job, and so fail in this one
    var output = new ByteArrayOutputStream();
    var busy = new OtaCalls(api);
    var product = busy.createProduct("with busy ones");
    var names = List.of("sim-00001", "sim-00002", "sim-00003");
    names.forEach(name -> busy.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", name)));
    var firmware = busy.createFirmware(product, "other", "9.0.0", busy.upload(new byte[10]));
    // Not pushed, so that it lasts: none of these devices asks.
    var parameters = new HashMap<>(Map.of("ProductKey", product, "FirmwareId", firmware, "NeedPush", "false"));
    names.forEach(name -> parameters.put("TargetDeviceName." + (names.indexOf(name) + 1), name));
    busy.call("CreateOTAVerifyJob", parameters);

    boolean right = run(plan(10, Shares.of("fail-1"), 1), product, output);

    assertThat(right).isFalse();
    assertThat(text(output)).contains("right verdicts: 0, wrong: 1")
        .containsPattern("fail-1 +FAILED +device busy +3 +NO")
        .containsPattern("fail-1 +FAILED +upgrade failed +7 +yes")
        .contains("sim-00003, which is fail-1: FAILED device busy");
  }

  @Test
  void aRunWithoutJobsEndsWhenItIsStoppedAndSaysHowItWent() throws Exception {
    var output = new ByteArrayOutputStream();
    var connected = new CountDownLatch(1);
    var listening = new PrintStream(output, true, StandardCharsets.UTF_8) {
      @Override
      public void println(@Nullable String line) {
        super.println(line);
        if (String.valueOf(line).contains("informed 5 ")) {
          connected.countDown();
        }
      }
    };
    var forever = new Devices.Plan(5, Shares.of("ok"), 1, Duration.ofMillis(10), Duration.ofSeconds(2), 0,
        Signing.HMAC_SHA1, true, 1000, null, Optional.empty(), false);
    try (var keep = KnownDevices.open(known, URI.create(settings.url(Part.API_GATEWAY)));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var devices = new Devices(new OtaCalls(api), keep, target(null), forever, listening);
      var running = threads.submit(devices::run);
      assertThat(connected.await(60, TimeUnit.SECONDS)).isTrue();

      devices.stop();

      assertThat(running.get()).isTrue();
    }
    assertThat(text(output)).contains("connected 5 of 5").contains("Time to connect all: ").endsWith("Stopped.\n");
  }

  @Test
  void aPlanThatCannotBeKeptIsRefused() {
    assertThatThrownBy(() -> plan(0, Shares.of("ok"), 1)).hasMessageContaining("--count: 0");
    assertThatThrownBy(() -> run(plan(9, Shares.of("ok"), 1), null, new ByteArrayOutputStream()))
        .hasMessageContaining("--count: 9 (expected: 10 or more");
    assertThatThrownBy(() -> new Devices.Plan(10, Shares.of("slow"), 1, Duration.ZERO, Duration.ofMinutes(2), 1,
        Signing.HMAC_SHA256, false, 1, null,
        Optional.of(new Verifications.Plan(1, Duration.ofMinutes(1), 1, 10)), false))
        .hasMessageContaining("--slow: PT2M (expected: less than --timeout");
  }

  private static Devices.Plan plan(int count, Shares shares, int jobs) {
    return new Devices.Plan(count, shares, 1, Duration.ofMillis(10), Duration.ofSeconds(2), 1, Signing.HMAC_SHA256,
        false, 1000, null, Optional.of(new Verifications.Plan(jobs, Duration.ofSeconds(TIMEOUT), TIMEOUT, 5_000)),
        false);
  }

  private boolean run(Devices.Plan plan, @Nullable String productKey, ByteArrayOutputStream output) {
    try (var keep = KnownDevices.open(known, URI.create(settings.url(Part.API_GATEWAY)))) {
      return new Devices(new OtaCalls(api), keep, target(productKey), plan,
          new PrintStream(output, true, StandardCharsets.UTF_8)).run();
    }
  }

  private static Devices.Target target(@Nullable String productKey) {
    return new Devices.Target("127.0.0.1", settings.port(Part.MQTT_BROKER), productKey);
  }

  private static String product(ByteArrayOutputStream output) {
    var text = text(output);
    int begin = text.indexOf("Product ") + "Product ".length();
    return text.substring(begin, text.indexOf(':', begin));
  }

  private static String text(ByteArrayOutputStream output) {
    return output.toString(StandardCharsets.UTF_8);
  }
}
