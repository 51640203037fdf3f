// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Names one client request. Derived from access key and nonce, so the same signed request sent again is the same command.
 *
 * @param value 22 base62 characters
 */
public record CommandId(@JsonValue String value) implements Comparable<CommandId> {
  private static final Form FORM = Form.of("[0-9A-Za-z]{22}");

  /** @throws IllegalArgumentException if the value has not the form above */
  public CommandId {
    Checks.matches("commandId", value, FORM, "22 base62 characters");
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static CommandId of(String value) {
    return new CommandId(value);
  }

  /** The command that this signed request is, through whichever gateway it comes. */
  public static CommandId of(String accessKeyId, String nonce) {
    return new CommandId(Base62.digest(22, "command", accessKeyId, nonce));
  }

  @Override
  public int compareTo(CommandId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
