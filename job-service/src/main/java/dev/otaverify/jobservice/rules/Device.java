// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import java.time.Instant;

/**
 * A device, by product and name.
 *
 * <pre>
 * Unregistered --RegisterDevice--&gt; Registered
 * </pre>
 */
public sealed interface Device {

  /** Its product and name. */
  DeviceId id();

  /** No device of the product has the name. */
  record Unregistered(DeviceId id) implements Device {}

  /** It exists; {@code iotId} names this registration of it. */
  record Registered(DeviceId id, IotId iotId) implements Device {}

  /** Decides on a registration in this product. */
  static Decision<DeviceRegistered> decide(Device before, RegisterDevice command, Product product, Instant now) {
    if (!product.isOf(command.account())) {
      return Decision.refuse(ErrorCode.PRODUCT_NOT_FOUND, "ProductKey", command.productKey(),
          "a product of this account");
    }
    return switch (before) {
      case Registered registered -> Decision.refuse(ErrorCode.DEVICE_NAME_TAKEN, "DeviceName",
          registered.id().deviceName(), "a name that no device of product " + product.key() + " has");
      case Unregistered unregistered -> Decision.accept(new DeviceRegistered(unregistered.id().productKey(),
          unregistered.id().deviceName(), command.iotId(), command.account(), command.nickname(), now));
    };
  }

  /** The device after the event. */
  static Device evolve(Device before, DeviceRegistered event) {
    return switch (before) {
      case Unregistered unregistered -> new Registered(unregistered.id(), event.iotId());
      case Registered registered -> throw new IllegalStateException(
          "device: " + registered.id() + " (expected: not yet registered)");
    };
  }
}
