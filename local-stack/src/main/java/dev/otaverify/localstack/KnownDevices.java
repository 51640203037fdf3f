// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The simulated devices that an endpoint has, with their secrets, so that the next run need not register them again: a
 * file for each endpoint, readable by its owner only, in the form that {@code ./ota import} takes.
 */
final class KnownDevices implements AutoCloseable {
  private static final String HEADER = "ProductKey,DeviceName,DeviceSecret";

  private final Map<String, Map<String, String>> secrets = new HashMap<>();
  private final Writer file;
  private String lastProduct = "";

  private KnownDevices(Path path) throws IOException {
    if (!Files.exists(path)) {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(path, HEADER + "\n");
    }
    for (var line : Files.readAllLines(path)) {
      var fields = line.split(",", -1);
      if (fields.length == 3 && !line.equals(HEADER)) {
        note(fields[0], fields[1], fields[2]);
      }
    }
    file = Files.newBufferedWriter(path, StandardOpenOption.APPEND);
  }

  /** Those of this endpoint; none at first. */
  static KnownDevices open(Path state, URI endpoint) {
    try {
      return new KnownDevices(state.resolve("devices-" + endpoint.getAuthority().replace(':', '-') + ".csv"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The product that the last run was about. */
  synchronized Optional<String> lastProduct() {
    return lastProduct.isEmpty() ? Optional.empty() : Optional.of(lastProduct);
  }

  synchronized Optional<String> secret(String productKey, String deviceName) {
    return Optional.ofNullable(secrets.getOrDefault(productKey, Map.of()).get(deviceName));
  }

  /** Is kept before this returns. */
  synchronized void add(String productKey, String deviceName, String secret) {
    try {
      file.write(productKey + "," + deviceName + "," + secret + "\n");
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    note(productKey, deviceName, secret);
  }

  private void note(String productKey, String deviceName, String secret) {
    secrets.computeIfAbsent(productKey, key -> new HashMap<>()).put(deviceName, secret);
    lastProduct = productKey;
  }

  @Override
  public synchronized void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
