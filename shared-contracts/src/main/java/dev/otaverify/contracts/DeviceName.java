// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The name of a device, unique within its product. Source of the rule: the vendor's RegisterDevice page.
 *
 * @param value 4 to 32 letters, digits or - _ @ . :
 */
public record DeviceName(@JsonValue String value) implements Comparable<DeviceName> {
  private static final Form FORM = Form.of("[A-Za-z0-9\\-_@.:]{4,32}");

  /** @throws IllegalArgumentException if the value has not the form above */
  public DeviceName {
    Checks.matches("deviceName", value, FORM, "4 to 32 letters, digits or - _ @ . :");
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static DeviceName of(String value) {
    return new DeviceName(value);
  }

  /** The name of a device that was registered without one. */
  public static DeviceName generated(CommandId command) {
    return new DeviceName(Base62.digest(20, "device", command.value()));
  }

  @Override
  public int compareTo(DeviceName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
