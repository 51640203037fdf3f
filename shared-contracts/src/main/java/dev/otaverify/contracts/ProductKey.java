// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The key of a product, as the vendor shapes it.
 *
 * @param value a1 and 9 base62 characters
 */
public record ProductKey(@JsonValue String value) implements Comparable<ProductKey> {
  private static final Form FORM = Form.of("a1[0-9A-Za-z]{9}");

  /** @throws IllegalArgumentException if the value has not the form above */
  public ProductKey {
    Checks.matches("productKey", value, FORM, "a1 and 9 base62 characters");
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static ProductKey of(String value) {
    return new ProductKey(value);
  }

  /** The key of the product that this command creates. */
  public static ProductKey of(CommandId command) {
    return new ProductKey("a1" + Base62.digest(9, "product", command.value()));
  }

  @Override
  public int compareTo(ProductKey other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
