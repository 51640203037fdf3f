// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions that Kafka was told have begun and not yet that they have ended, kept so that they outlive a killed
 * broker: a file for each, named by its number and holding the device. Nothing is synced: only the machine's fall, not
 * the process's, can lose a mark, and then the device's next connection puts things right.
 */
final class PresenceMarks {
  private static final Logger log = LoggerFactory.getLogger(PresenceMarks.class);

  private final Path directory;

  PresenceMarks(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void add(long session, DeviceId device) {
    try {
      Files.writeString(directory.resolve(Long.toString(session)), device.key());
    } catch (IOException e) {
      log.atWarn().addKeyValue("device", device).addKeyValue("reason", e.toString())
          .log("an online device could not be marked; it stays online if this broker is killed");
    }
  }

  void remove(long session) {
    try {
      Files.deleteIfExists(directory.resolve(Long.toString(session)));
    } catch (IOException e) {
      // It will be told once more that the session has ended, which does no harm.
      log.atWarn().addKeyValue("session", session).addKeyValue("reason", e.toString())
          .log("a mark could not be removed");
    }
  }

  /** All of them, in the order of their numbers. */
  Map<Long, DeviceId> all() {
    var marks = new TreeMap<Long, DeviceId>();
    try (var files = Files.list(directory)) {
      for (var file : (Iterable<Path>) files::iterator) {
        try {
          marks.put(Long.valueOf(file.getFileName().toString()), DeviceId.ofKey(Files.readString(file)));
        } catch (IllegalArgumentException e) {
          // Half written when the machine fell, or not ours.
          log.atWarn().addKeyValue("file", file).log("a mark is unreadable");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return marks;
  }
}
