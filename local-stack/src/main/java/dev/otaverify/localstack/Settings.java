// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.localinfra.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What a stack in a state directory keeps from one start to the next: ports, credentials, the length of a minute. Made at
 * the first start, in {@code settings.properties}, readable by its owner only.
 */
public final class Settings {
  private static final String FILE = "settings.properties";
  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  /** What is open to clients or devices, and tells operators about itself on another port. */
  private static final List<Part> MANAGED_APART = List.of(Part.API_GATEWAY, Part.MQTT_BROKER);

  private final Path dir;
  private final Properties values;

  private Settings(Path dir, Properties values) {
    this.dir = dir;
    this.values = values;
  }

  /** Which ports a new stack asks for first. */
  public enum Ports {
    /** 8080 for the API and 1883 for MQTT, where they are free. */
    USUAL,
    /** Any free ones. */
    FREE
  }

  /** The settings of this directory, made if there are none. */
  public static Settings openOrMake(Path dir, Ports ports, Duration timeoutUnit) {
    if (!Files.exists(dir.resolve(FILE))) {
      make(dir, ports, timeoutUnit);
    }
    var settings = open(dir);
    // Stacks of version 0.1.0 had none of these.
    boolean changed = settings.values.putIfAbsent("master-key", random(40)) == null;
    for (var part : MANAGED_APART) {
      changed |= settings.values.putIfAbsent(managementPortOf(part), Integer.toString(FreePorts.choose())) == null;
    }
    if (changed) {
      write(dir, settings.values);
    }
    return settings;
  }

  /**
   * The settings of this directory.
   *
   * @throws IllegalStateException if no stack was ever started there
   */
  static Settings open(Path dir) {
    var file = dir.resolve(FILE);
    if (!Files.exists(file)) {
      throw new IllegalStateException("state: " + dir + " (expected: a stack that was started there, with ./ota up)");
    }
    var values = new Properties();
    try (var reader = Files.newBufferedReader(file)) {
      values.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Settings(dir, values);
  }

  private static void make(Path dir, Ports ports, Duration timeoutUnit) {
    var values = new Properties();
    for (var part : Part.values()) {
      int usual = switch (part) {
        case API_GATEWAY -> 8080;
        case MQTT_BROKER -> 1883;
        case KAFKA, POSTGRES, JOB_SERVICE, DEVICE_DISPATCHER, STATUS_AGGREGATOR -> 0;
      };
      boolean asUsual = ports == Ports.USUAL && usual > 0 && FreePorts.isFree(usual);
      values.setProperty("port." + part.id(), Integer.toString(asUsual ? usual : FreePorts.choose()));
    }
    values.setProperty("access-key.id", "OTA" + random(17));
    values.setProperty("access-key.secret", random(30));
    values.setProperty("internal-token", random(40));
    values.setProperty("signing-key", random(40));
    values.setProperty("master-key", random(40));
    values.setProperty("mqtt.service-password", random(40));
    values.setProperty("database.password", random(40));
    values.setProperty("timeout-unit", timeoutUnit.toString());
    write(dir, values);
  }

  private static void write(Path dir, Properties values) {
    try {
      Files.createDirectories(dir);
      var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
      var file = Files.createTempFile(dir, FILE, ".part", ownerOnly);
      var text = new StringBuilder();
      new TreeMap<>(values).forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
      Files.writeString(file, text);
      Files.move(file, dir.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String random(int length) {
    var random = new SecureRandom();
    var text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }

  /** The state directory. */
  public Path dir() {
    return dir;
  }

  /** Where the part listens on 127.0.0.1. */
  public int port(Part part) {
    return Integer.parseInt(get("port." + part.id()));
  }

  /** Where the part tells metrics; of a service with nothing to hide its own port. */
  int managementPort(Part part) {
    return MANAGED_APART.contains(part) ? Integer.parseInt(get(managementPortOf(part))) : port(part);
  }

  private static String managementPortOf(Part part) {
    return "management-port." + part.id();
  }

  /** Host and port of the part. */
  public String address(Part part) {
    return "127.0.0.1:" + port(part);
  }

  /** Where the part speaks HTTP. */
  public String url(Part part) {
    return "http://" + address(part);
  }

  /** Of the account {@code default}. */
  public String accessKeyId() {
    return get("access-key.id");
  }

  /** Of {@link #accessKeyId()}. */
  public String accessKeySecret() {
    return get("access-key.secret");
  }

  String internalToken() {
    return get("internal-token");
  }

  /** What links to files are signed with. */
  public String signingKey() {
    return get("signing-key");
  }

  String masterKey() {
    return get("master-key");
  }

  String mqttServicePassword() {
    return get("mqtt.service-password");
  }

  /** Of the user that owns the database of a part. */
  public String databasePassword() {
    return get("database.password");
  }

  Duration timeoutUnit() {
    return Duration.parse(get("timeout-unit"));
  }

  private String get(String name) {
    var value = values.getProperty(name);
    if (value == null) {
      throw new IllegalStateException(dir.resolve(FILE) + ": no " + name + " (expected: as it was made)");
    }
    return value;
  }
}
