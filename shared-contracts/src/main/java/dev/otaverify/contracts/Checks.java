// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.util.Objects;

/** Checks of values, with one form of message: {@code name: value (expected: …)}. */
final class Checks {
  private Checks() {}

  static void matches(String name, String value, Form form, String expected) {
    Objects.requireNonNull(value, name);
    if (!form.matches(value)) {
      throw unexpected(name, value, expected);
    }
  }

  static void that(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw unexpected(name, value, expected);
    }
  }

  private static IllegalArgumentException unexpected(String name, Object value, String expected) {
    return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
  }
}
