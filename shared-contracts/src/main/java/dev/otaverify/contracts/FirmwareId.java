// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Names a firmware: 20 characters that its jobs and tasks share, and the kind 03.
 *
 * @param value 20 base62 characters and 03
 */
public record FirmwareId(@JsonValue String value) implements Comparable<FirmwareId> {
  private static final Form FORM = Form.of("[0-9A-Za-z]{20}03");

  /** @throws IllegalArgumentException if the value has not the form above */
  public FirmwareId {
    Checks.matches("firmwareId", value, FORM, "20 base62 characters and 03");
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static FirmwareId of(String value) {
    return new FirmwareId(value);
  }

  /** The id of the firmware that this command creates. */
  public static FirmwareId of(CommandId command) {
    return new FirmwareId(Base62.digest(20, "firmware", command.value()) + "03");
  }

  String stem() {
    return value.substring(0, 20);
  }

  @Override
  public int compareTo(FirmwareId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
