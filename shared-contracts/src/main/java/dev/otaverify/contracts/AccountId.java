// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The owner of products, devices and firmware.
 *
 * @param value 1 to 64 letters, digits, _ or -
 */
public record AccountId(@JsonValue String value) implements Comparable<AccountId> {
  private static final Form FORM = Form.of("[A-Za-z0-9_-]{1,64}");

  /** @throws IllegalArgumentException if the value has not the form above */
  public AccountId {
    Checks.matches("accountId", value, FORM, "1 to 64 letters, digits, _ or -");
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static AccountId of(String value) {
    return new AccountId(value);
  }

  @Override
  public int compareTo(AccountId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
