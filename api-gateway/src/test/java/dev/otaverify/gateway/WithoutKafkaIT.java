// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.FirmwareId;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that finds no Kafka. */
class WithoutKafkaIT {
  @TempDir
  Path directory;

  @Test
  void isNotReadyRefusesCommandsForCertainAndStillAnswersQueries() throws Exception {
    var firmware = FirmwareId.of(CommandId.of("k", "n")).value();
    // A port that nothing listens on.
    try (var gateway = new RunningGateway("127.0.0.1:1", directory)) {
      var command = gateway.client.call("CreateProduct", Map.of("ProductName", "thermostat", "NodeType", "0"));
      var query = gateway.client.call("QueryOTAFirmware", Map.of("FirmwareId", firmware));

      assertThat(gateway.readiness()).isEqualTo(503);
      assertThat(command.status()).isEqualTo(503);
      assertThat(command.json().get("Code").stringValue()).isEqualTo("ServiceUnavailable");
      assertThat(query.json().get("Code").stringValue()).isEqualTo("iot.ota.FirmwareNotFound");
    }
  }
}
