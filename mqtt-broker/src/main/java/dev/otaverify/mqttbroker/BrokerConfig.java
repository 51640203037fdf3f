// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
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
 * @param tls a second listener, for devices that connect over TLS; empty for none
 * @param management where metrics and readiness are told over HTTP; empty for nowhere
 */
public record BrokerConfig(int mqttPort, String bindAddress, String kafkaBootstrapServers, URI credentialsUrl,
    String internalToken, String serviceUser, String servicePassword, Path dataDir, Duration kafkaTimeout,
    Optional<Tls> tls, Optional<Management> management) {

  /** What {@link #kafkaTimeout} is unless configured. */
  public static final Duration DEFAULT_KAFKA_TIMEOUT = Duration.ofSeconds(10);

  private static final String PORTS = "0 to 65535";
  private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z.:%-]{1,255}");

  /**
   * The listener for TLS, at the same address as the other.
   *
   * @param port where it listens; 0 for a free port
   * @param keystore Java keystore (PKCS12 or JKS) with one key and its certificate chain
   * @param password password of the keystore and of the key in it
   */
  public record Tls(int port, Path keystore, String password) {
    /** @throws IllegalArgumentException if a value has not its form */
    public Tls {
      check(isPort(port), "tls.port", port, PORTS);
      check(Files.isReadable(keystore), "tls.keystore", keystore, "a readable file");
      check(!password.isEmpty(), "tls.password", "empty", "a password");
    }

    /**
     * Reads {@code OTA_MQTT_TLS_KEYSTORE}, without which there is no such listener, {@code OTA_MQTT_TLS_PORT} (8883) and
     * {@code OTA_MQTT_TLS_KEYSTORE_PASSWORD}, which may be in a file named by
     * {@code OTA_MQTT_TLS_KEYSTORE_PASSWORD_FILE}.
     *
     * @throws IllegalArgumentException if one is missing or has not its form
     */
    public static Optional<Tls> fromEnvironment(Map<String, String> environment) {
      return Optional.ofNullable(environment.get("OTA_MQTT_TLS_KEYSTORE"))
          .map(keystore -> new Tls(portOf(environment, "OTA_MQTT_TLS_PORT", "8883"), Path.of(keystore),
              secret(environment, "OTA_MQTT_TLS_KEYSTORE_PASSWORD")));
    }

    @Override
    public String toString() {
      return "Tls[port=" + port + ", keystore=" + keystore + "]";
    }
  }

  /**
   * What is for operators and not for devices: {@code /actuator/prometheus}, {@code /livez} and {@code /readyz}.
   *
   * @param port where it listens; 0 for a free port
   * @param bindAddress address of the listener
   */
  public record Management(int port, String bindAddress) {
    /** @throws IllegalArgumentException if a value has not its form */
    public Management {
      check(isPort(port), "management.port", port, PORTS);
      check(ADDRESS.matcher(bindAddress).matches(), "management.bindAddress", bindAddress,
          "a host name or IP address");
    }

    /**
     * Reads {@code OTA_MANAGEMENT_PORT}, without which there is no such listener, and {@code OTA_MANAGEMENT_BIND}
     * (127.0.0.1).
     *
     * @throws IllegalArgumentException if one has not its form
     */
    static Optional<Management> fromEnvironment(Map<String, String> environment) {
      return Optional.ofNullable(environment.get("OTA_MANAGEMENT_PORT"))
          .map(port -> new Management(portOf(environment, "OTA_MANAGEMENT_PORT", port),
              environment.getOrDefault("OTA_MANAGEMENT_BIND", "127.0.0.1")));
    }
  }

  /** Without TLS and management. */
  public BrokerConfig(int mqttPort, String bindAddress, String kafkaBootstrapServers, URI credentialsUrl,
      String internalToken, String serviceUser, String servicePassword, Path dataDir, Duration kafkaTimeout) {
    this(mqttPort, bindAddress, kafkaBootstrapServers, credentialsUrl, internalToken, serviceUser, servicePassword,
        dataDir, kafkaTimeout, Optional.empty(), Optional.empty());
  }

  /** @throws IllegalArgumentException if a value is missing or has not its form */
  public BrokerConfig {
    check(isPort(mqttPort), "mqttPort", mqttPort, PORTS);
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
   * {@code OTA_INTERNAL_TOKEN_FILE} and {@code OTA_MQTT_SERVICE_PASSWORD_FILE}. TLS as in {@link Tls#fromEnvironment},
   * management as in {@link Management#fromEnvironment}.
   *
   * @throws IllegalArgumentException if one is missing or has not its form
   */
  public static BrokerConfig fromEnvironment(Map<String, String> environment) {
    return new BrokerConfig(portOf(environment, "OTA_MQTT_PORT", "1883"),
        environment.getOrDefault("OTA_MQTT_BIND", "127.0.0.1"), required(environment, "OTA_KAFKA_BOOTSTRAP_SERVERS"),
        URI.create(required(environment, "OTA_CREDENTIALS_URL")), secret(environment, "OTA_INTERNAL_TOKEN"),
        required(environment, "OTA_MQTT_SERVICE_USER"), secret(environment, "OTA_MQTT_SERVICE_PASSWORD"),
        Path.of(required(environment, "OTA_DATA_DIR")),
        duration(environment.getOrDefault("OTA_MQTT_KAFKA_TIMEOUT", DEFAULT_KAFKA_TIMEOUT.toString())),
        Tls.fromEnvironment(environment), Management.fromEnvironment(environment));
  }

  @Override
  public String toString() {
    return "BrokerConfig[mqttPort=" + mqttPort + ", bindAddress=" + bindAddress + ", kafkaBootstrapServers="
        + kafkaBootstrapServers + ", credentialsUrl=" + credentialsUrl + ", serviceUser=" + serviceUser + ", dataDir="
        + dataDir + ", kafkaTimeout=" + kafkaTimeout + ", tls=" + tls + ", management="
        + management + "]";
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

  private static int portOf(Map<String, String> environment, String name, String otherwise) {
    var text = environment.getOrDefault(name, otherwise);
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": " + text + " (expected: " + PORTS + ")", e);
    }
  }

  private static boolean isPort(int port) {
    return port >= 0 && port <= 65535;
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
