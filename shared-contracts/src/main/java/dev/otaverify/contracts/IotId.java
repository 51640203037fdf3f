// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The platform's own name of one registration of a device. It starts with the key of the product.
 *
 * @param value 30 base62 characters, the first 11 a product key
 */
public record IotId(@JsonValue String value) implements Comparable<IotId> {
  private static final Form FORM = Form.of("[0-9A-Za-z]{30}");

  /** @throws IllegalArgumentException if the value has not the form above */
  public IotId {
    Checks.matches("iotId", value, FORM, "30 base62 characters");
    // It begins with the key of the product, by which it is found.
    var unused = new ProductKey(value.substring(0, 11));
  }

  /** Reads the JSON form, a plain string. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static IotId of(String value) {
    return new IotId(value);
  }

  /** The id of the device that this command registers. */
  public static IotId of(ProductKey product, CommandId command) {
    return new IotId(product.value() + Base62.digest(19, "iot", command.value()));
  }

  /** The product of the device. */
  public ProductKey productKey() {
    return new ProductKey(value.substring(0, 11));
  }

  @Override
  public int compareTo(IotId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
