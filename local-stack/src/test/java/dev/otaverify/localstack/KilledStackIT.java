// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.simulator.Behaviour;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./ota up} as a process that is killed with all of its children, and started again. */
class KilledStackIT {
  @TempDir
  Path state;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() throws Exception {
    for (var process : started) {
      kill(process);
    }
  }

  @Test
  void aJobThatRanWhenEverythingWasKilledEndsWithOneRightVerdict() throws Exception {
    // given: a job with one device that has come half way, and one that was offline all the time
    var settings = Settings.openOrMake(state, Settings.Ports.FREE, Duration.ofMinutes(1));
    var first = up();
    var api = ApiClient.of(settings);
    var product = api.call("CreateProduct", Map.of("ProductName", "survivor", "NodeType", "0")).path("ProductKey")
        .asString();
    var early = secret(api, product, "device-early");
    var late = secret(api, product, "device-late");
    var form = api.call("GenerateOTAUploadURL", Map.of()).path("Data");
    api.upload(form, new byte[100_000]);
    var firmware = api.call("CreateOTAFirmware", Map.of("ProductKey", product, "FirmwareName", "survivor",
        "DestVersion", "2.0.0", "FirmwareUrl", form.path("FirmwareUrl").asString())).path("Data").path("FirmwareId")
        .asString();
    try (var slow = device(settings, product, "device-early", early, Duration.ofSeconds(1))) {
      slow.informed().join();
      api.call("CreateOTAVerifyJob", Map.of("ProductKey", product, "FirmwareId", firmware, "TargetDeviceName.1",
          "device-early", "TargetDeviceName.2", "device-late", "TimeoutInMinutes", "30"));
      await().atMost(Duration.ofSeconds(30)).until(() -> slow.happenings().stream()
          .anyMatch(happening -> happening.detail().equals("20")));

      // when
      kill(first);
      up();

      // then: the devices reconnect, are pushed again where they need it, and the verdict is right
      try (var second = device(settings, product, "device-late", late, Duration.ofMillis(10))) {
        await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(500))
            .until(() -> status(api, firmware) != 2);
        assertThat(status(api, firmware)).isEqualTo(1);
        assertThat(second.version()).isEqualTo("2.0.0");
        assertThat(slow.version()).isEqualTo("2.0.0");
      }
    }
  }

  private static SimulatedDevice device(Settings settings, String product, String name, String secret,
      Duration pause) {
    return SimulatedDevice.builder("127.0.0.1", settings.port(Part.MQTT_BROKER), product, name, secret)
        .behaviour(Behaviour.SUCCEED).pause(pause).start();
  }

  private static String secret(ApiClient api, String product, String device) {
    return api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", device)).path("Data")
        .path("DeviceSecret").asString();
  }

  private static int status(ApiClient api, String firmware) {
    return api.call("QueryOTAFirmware", Map.of("FirmwareId", firmware)).path("FirmwareInfo").path("Status").asInt();
  }

  private Process up() throws IOException {
    var process = StackProcess.start(state, "stack", Main.class, List.of("up"));
    started.add(process);
    var lines = process.inputReader(StandardCharsets.UTF_8);
    for (var line = lines.readLine(); line != null && !line.startsWith("Ready "); line = lines.readLine()) {
      assertThat(process.isAlive()).isTrue();
    }
    return process;
  }

  /** All at once, and nobody may clean up. PostgreSQL's processes are its children no longer: they are killed by name. */
  private void kill(Process process) throws Exception {
    new ProcessBuilder("kill", "-9", Long.toString(process.pid())).start().waitFor();
    process.waitFor();
    var postmaster = state.resolve("postgres/data/postmaster.pid").toFile();
    if (postmaster.exists()) {
      var pid = Files.readAllLines(postmaster.toPath()).getFirst();
      var handle = ProcessHandle.of(Long.parseLong(pid));
      if (handle.isPresent()) {
        var all = new ArrayList<>(handle.get().descendants().toList());
        all.add(handle.get());
        all.forEach(ProcessHandle::destroyForcibly);
        await().atMost(Duration.ofSeconds(10)).until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
      }
    }
  }
}
