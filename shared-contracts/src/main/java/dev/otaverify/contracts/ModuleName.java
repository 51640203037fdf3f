// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A separately updated part of a device. Every product has the module {@link #DEFAULT}.
 *
 * @param value 1 to 64 letters, digits or . - _
 */
public record ModuleName(@JsonValue String value) implements Comparable<ModuleName> {
  private static final Form FORM = Form.of("[A-Za-z0-9.\\-_]{1,64}");

  /** @throws IllegalArgumentException if the value has not the form above */
  public ModuleName {
    Checks.matches("moduleName", value, FORM, "1 to 64 letters, digits or . - _");
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static ModuleName of(String value) {
    return new ModuleName(value);
  }

  /** The module that a report or a package means when it names none. */
  public static final ModuleName DEFAULT = new ModuleName("default");

  @Override
  public int compareTo(ModuleName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
