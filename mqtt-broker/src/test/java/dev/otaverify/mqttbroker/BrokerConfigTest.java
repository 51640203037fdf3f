// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerConfigTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("OTA_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092",
      "OTA_CREDENTIALS_URL", "http://job-service:8081", "OTA_INTERNAL_TOKEN", "s3cret-token", "OTA_MQTT_SERVICE_USER",
      "dispatcher", "OTA_MQTT_SERVICE_PASSWORD", "s3cret-password", "OTA_DATA_DIR", "/data");

  @Test
  void theEnvironmentIsReadAndSecretsAreNotPrinted() {
    var config = BrokerConfig.fromEnvironment(ENVIRONMENT);

    assertThat(config.mqttPort()).isEqualTo(1883);
    assertThat(config.bindAddress()).isEqualTo("127.0.0.1");
    assertThat(config.kafkaTimeout()).isEqualTo(BrokerConfig.DEFAULT_KAFKA_TIMEOUT);
    assertThat(config.toString()).contains("kafka:9092").doesNotContain("s3cret");
  }

  @Test
  void aSecretMayBeInAFile(@TempDir Path directory) throws IOException {
    var environment = new HashMap<>(ENVIRONMENT);
    environment.remove("OTA_INTERNAL_TOKEN");
    environment.put("OTA_INTERNAL_TOKEN_FILE",
        Files.writeString(directory.resolve("token"), "from-a-file\n").toString());
    assertThat(BrokerConfig.fromEnvironment(environment).internalToken()).isEqualTo("from-a-file");

    environment.put("OTA_INTERNAL_TOKEN_FILE", directory.resolve("absent").toString());
    assertThatThrownBy(() -> BrokerConfig.fromEnvironment(environment))
        .hasMessageStartingWith("OTA_INTERNAL_TOKEN_FILE");
  }

  @ParameterizedTest
  @CsvSource({"OTA_MQTT_PORT,x", "OTA_MQTT_PORT,70000", "OTA_MQTT_BIND,<b>", "OTA_CREDENTIALS_URL,job-service",
      "OTA_MQTT_SERVICE_USER,device&product", "OTA_MQTT_SERVICE_PASSWORD,", "OTA_INTERNAL_TOKEN,' '",
      "OTA_MANAGEMENT_PORT,y", "OTA_MQTT_KAFKA_TIMEOUT,PT0S", "OTA_MQTT_KAFKA_TIMEOUT,10"})
  void aValueThatCannotBeIsRefusedWithItsName(String name, String value) {
    var environment = new HashMap<>(ENVIRONMENT);
    environment.put(name, value == null ? "" : value);

    assertThatThrownBy(() -> BrokerConfig.fromEnvironment(environment)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }
}
