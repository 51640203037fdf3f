// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

/**
 * A label of a job, handed to the device with the push.
 *
 * @param key 1 to 30 letters, digits or dots
 * @param value 1 to 1024 characters
 */
public record Tag(String key, String value) {
  private static final Form KEY = Form.of("[A-Za-z0-9.]{1,30}");

  /** @throws IllegalArgumentException if a part is out of its bounds */
  public Tag {
    Checks.matches("Tag.Key", key, KEY, "1 to 30 letters, digits or dots");
    Checks.that(!value.isEmpty() && value.length() <= 1024, "Tag.Value", value, "1 to 1024 characters");
  }
}
