// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message: the attributes of CloudEvents 1.0 and what it says.
 *
 * @param id unique for its source; the same fact has the same id however often it is published
 * @param source one of {@link Source}
 * @param subject what the writer's numbers are counted for: a firmware, task, job, product or device
 * @param extensions further attributes; names are lower-case letters and digits
 */
public record Message<T>(String id, String source, String subject, Instant time, Map<String, String> extensions,
    T data) {

  private static final String SEQUENCE = "sequence";

  /** Copies the extensions. */
  public Message {
    extensions = Map.copyOf(extensions);
  }

  /**
   * An event: its id is made of source, subject and number, and so is the same each time it is published.
   *
   * @param number of the event, from 1 and without a gap, among those of this source about this subject
   */
  public static <T> Message<T> event(String source, String subject, long number, Instant time, T data) {
    return new Message<>(source.substring(source.lastIndexOf('/') + 1) + ":" + subject + ":" + number, source, subject,
        time, Map.of(SEQUENCE, Long.toString(number)), data);
  }

  /** An input or reply, which has no number. */
  public static <T> Message<T> unnumbered(String id, String source, String subject, Instant time, T data) {
    return new Message<>(id, source, subject, time, Map.of(), data);
  }

  /** The writer's number of an event. */
  public long sequence() {
    return Long.parseLong(extension(SEQUENCE));
  }

  /**
   * The extension attribute of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public String extension(String name) {
    @Nullable
    String value = extensions.get(name);
    if (value == null) {
      throw new IllegalArgumentException("ce_" + name + ": missing (expected: an attribute of " + id + ")");
    }
    return value;
  }
}
