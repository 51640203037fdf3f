// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SimulatorMainTest {
  @Test
  void theSecretMayComeFromTheEnvironment() {
    String[] args = {"--broker", "127.0.0.1:1883", "--product-key", "a1VJwBw0000", "--device-name", "cdevice",
        "--behaviour", "silent"};

    assertThat(SimulatorMain.read(args, Map.of("OTA_DEVICE_SECRET", "s"))).isNotNull();
    assertThatThrownBy(() -> SimulatorMain.read(args, Map.of())).hasMessageStartingWith("--device-secret: missing");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> SimulatorMain.read(new String[]{"--broker"}, Map.of())).hasMessageContaining("no value");
    assertThatThrownBy(() -> SimulatorMain.read(new String[]{"--broker", "1883"}, Map.of()))
        .hasMessageContaining("expected: host:port");
  }
}
