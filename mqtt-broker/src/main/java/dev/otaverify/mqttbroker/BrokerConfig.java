// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The broker's configuration.
 *
 * @param mqttPort where devices connect; 0 for a free port. The extension alone does not use it, nor the address
 * @param bindAddress address of the listener
 * @param kafkaBootstrapServers {@code host:port,…}
 * @param credentialsUrl job-service; devices are asked for at {@code {url}/internal/devices/…}
 * @param internalToken bearer token for that
 * @param serviceUser user name of the dispatcher's login, which may publish and subscribe to everything
 * @param servicePassword its password
 * @param dataDir directory for sessions and the marks of devices that are online
 * @param kafkaTimeout how long a device's report may wait for Kafka before the device is disconnected without an
 *        acknowledgement, so that it reports again
 */
public record BrokerConfig(int mqttPort, String bindAddress, String kafkaBootstrapServers, URI credentialsUrl,
    String internalToken, String serviceUser, String servicePassword, Path dataDir, Duration kafkaTimeout) {

  /** What {@link #kafkaTimeout} is unless configured. */
  public static final Duration DEFAULT_KAFKA_TIMEOUT = Duration.ofSeconds(10);

  private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z.:%-]{1,255}");

  /** @throws IllegalArgumentException if a value is missing or has not its form */
  public BrokerConfig {
    check(mqttPort >= 0 && mqttPort <= 65535, "mqttPort", mqttPort, "0 to 65535");
    check(ADDRESS.matcher(bindAddress).matches(), "bindAddress", bindAddress, "a host name or IP address");
    check(!kafkaBootstrapServers.isBlank(), "kafkaBootstrapServers", kafkaBootstrapServers, "host:port,…");
    check("http".equals(credentialsUrl.getScheme()) || "https".equals(credentialsUrl.getScheme()), "credentialsUrl",
        credentialsUrl, "an http or https URL");
    check(!internalToken.isBlank(), "internalToken", "blank", "a token");
    // With an ampersand it could be taken for a device's user name.
    check(!serviceUser.isBlank() && !serviceUser.contains("&"), "serviceUser", serviceUser, "a name without &");
    check(!servicePassword.isBlank(), "servicePassword", "blank", "a password");
    check(kafkaTimeout.isPositive() && kafkaTimeout.compareTo(Duration.ofMinutes(5)) <= 0, "kafkaTimeout", kafkaTimeout,
        "more than 0, up to 5 minutes");
  }

  /**
   * Reads {@code OTA_MQTT_PORT} (default 1883), {@code OTA_MQTT_BIND} (127.0.0.1),
   * {@code OTA_KAFKA_BOOTSTRAP_SERVERS}, {@code OTA_CREDENTIALS_URL}, {@code OTA_INTERNAL_TOKEN},
   * {@code OTA_MQTT_SERVICE_USER}, {@code OTA_MQTT_SERVICE_PASSWORD}, {@code OTA_DATA_DIR} and
   * {@code OTA_MQTT_KAFKA_TIMEOUT} (PT10S). Token and password may be in files instead, named by
   * {@code OTA_INTERNAL_TOKEN_FILE} and {@code OTA_MQTT_SERVICE_PASSWORD_FILE}.
   *
   * @throws IllegalArgumentException if one is missing or has not its form
   */
  public static BrokerConfig fromEnvironment(Map<String, String> environment) {
    return new BrokerConfig(port(environment.getOrDefault("OTA_MQTT_PORT", "1883")),
        environment.getOrDefault("OTA_MQTT_BIND", "127.0.0.1"), required(environment, "OTA_KAFKA_BOOTSTRAP_SERVERS"),
        URI.create(required(environment, "OTA_CREDENTIALS_URL")), secret(environment, "OTA_INTERNAL_TOKEN"),
        required(environment, "OTA_MQTT_SERVICE_USER"), secret(environment, "OTA_MQTT_SERVICE_PASSWORD"),
        Path.of(required(environment, "OTA_DATA_DIR")),
        duration(environment.getOrDefault("OTA_MQTT_KAFKA_TIMEOUT", DEFAULT_KAFKA_TIMEOUT.toString())));
  }

  @Override
  public String toString() {
    return "BrokerConfig[mqttPort=" + mqttPort + ", bindAddress=" + bindAddress + ", kafkaBootstrapServers="
        + kafkaBootstrapServers + ", credentialsUrl=" + credentialsUrl + ", serviceUser=" + serviceUser + ", dataDir="
        + dataDir + ", kafkaTimeout=" + kafkaTimeout + "]";
  }

  private static String required(Map<String, String> environment, String name) {
    @Nullable
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + ": missing (expected: a value)");
    }
    return value;
  }

  private static String secret(Map<String, String> environment, String name) {
    @Nullable
    String file = environment.get(name + "_FILE");
    if (file == null) {
      return required(environment, name);
    }
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new IllegalArgumentException(name + "_FILE: " + file + " (expected: a readable file)", e);
    }
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("OTA_MQTT_PORT: " + text + " (expected: 0 to 65535)", e);
    }
  }

  private static Duration duration(String text) {
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("OTA_MQTT_KAFKA_TIMEOUT: " + text + " (expected: such as PT10S)", e);
    }
  }

  private static void check(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
