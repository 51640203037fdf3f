// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.credentials;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** What a device or product proves itself with: 32 hex digits, or what it brought along. Does not show itself in text, so not in logs either. */
public record Secret(@JsonValue String value) {

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Secret of(String value) {
    return new Secret(value);
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
