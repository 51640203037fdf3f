// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Names a job. It starts with the stem of its firmware, so whoever holds it knows the partition of its events.
 *
 * @param value 28 base62 characters and 02
 */
public record JobId(@JsonValue String value) implements Comparable<JobId> {
  private static final Form FORM = Form.of("[0-9A-Za-z]{28}02");

  /** @throws IllegalArgumentException if the value has not the form above */
  public JobId {
    Checks.matches("jobId", value, FORM, "28 base62 characters and 02");
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static JobId of(String value) {
    return new JobId(value);
  }

  /** The id of the job that this command creates for this firmware. */
  public static JobId of(FirmwareId firmware, CommandId command) {
    return new JobId(firmware.stem() + Base62.digest(8, "job", command.value()) + "02");
  }

  /** The firmware that the job is for. */
  public FirmwareId firmwareId() {
    return new FirmwareId(value.substring(0, 20) + "03");
  }

  String stem() {
    return value.substring(0, 28);
  }

  @Override
  public int compareTo(JobId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
