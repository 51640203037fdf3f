// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

/** A device by the two names it logs in with; its {@link #key()} is the key of {@code ota.device.inputs}. */
public record DeviceId(ProductKey productKey, DeviceName deviceName) implements Comparable<DeviceId> {

  /** {@code productKey/deviceName}; neither part can hold a slash. */
  public String key() {
    return productKey + "/" + deviceName;
  }

  /**
   * Reads a {@link #key()}.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public static DeviceId ofKey(String key) {
    int slash = key.indexOf('/');
    Checks.that(slash > 0, "device key", key, "productKey/deviceName");
    return new DeviceId(new ProductKey(key.substring(0, slash)), new DeviceName(key.substring(slash + 1)));
  }

  @Override
  public int compareTo(DeviceId other) {
    int product = productKey.value().compareTo(other.productKey.value());
    return product != 0 ? product : deviceName.value().compareTo(other.deviceName.value());
  }

  @Override
  public String toString() {
    return key();
  }
}
