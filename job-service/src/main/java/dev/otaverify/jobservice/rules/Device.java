// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command.DeleteDevice;
import dev.otaverify.contracts.Command.ImportDevice;
import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.Command.SetDeviceEnabled;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.DeviceDeleted;
import dev.otaverify.contracts.RegistryEvent.DeviceDisabled;
import dev.otaverify.contracts.RegistryEvent.DeviceEnabled;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A device, by product and name.
 *
 * <pre>
 * Unregistered --RegisterDevice, ImportDevice--&gt; Registered --SetDeviceEnabled--&gt; Registered
 *      ^                                             |
 *      +----------------DeleteDevice-----------------+
 * </pre>
 */
public sealed interface Device {

  /** Its product and name. */
  DeviceId id();

  /** No device of the product has the name. */
  record Unregistered(DeviceId id) implements Device {}

  /** It exists; {@code iotId} names this registration of it. One that is not enabled may not log in. */
  record Registered(DeviceId id, IotId iotId, boolean enabled) implements Device {}

  /** Decides on a registration in this product. */
  static Decision<RegistryEvent> decide(Device before, RegisterDevice command, Product product, Instant now) {
    if (!product.isOf(command.account())) {
      return Product.notFound(command.productKey());
    }
    return switch (before) {
      case Registered registered -> nameTaken(registered, product);
      case Unregistered unregistered -> Decision.accept(new DeviceRegistered(unregistered.id().productKey(),
          unregistered.id().deviceName(), command.iotId(), command.account(), command.nickname(), now));
    };
  }

  /**
   * Decides on a device that moves in. One that is there already with the same secret is accepted and changes nothing: an
   * import may be repeated.
   */
  static Decision<RegistryEvent> decide(Device before, ImportDevice command, Product product, BroughtSecret secret,
      Instant now) {
    if (!product.isOf(command.account())) {
      return Product.notFound(command.productKey());
    }
    return switch (before) {
      case Device any when secret == BroughtSecret.MISSING -> BroughtSecret.refusal();
      case Registered registered when secret == BroughtSecret.THAT_OF_THE_KNOWN -> Decision.nothing();
      case Registered registered -> nameTaken(registered, product);
      case Unregistered unregistered -> Decision.accept(new DeviceRegistered(unregistered.id().productKey(),
          unregistered.id().deviceName(), command.iotId(), command.account(), command.nickname(), now));
    };
  }

  /** Decides on whether it may log in. */
  static Decision<RegistryEvent> decide(Device before, SetDeviceEnabled command, Product product, Instant now) {
    @Nullable
    Registered registered = meant(before, command.iotId(), product, command.account());
    if (registered == null) {
      return notFound(before.id());
    }
    if (registered.enabled() == command.enabled()) {
      return Decision.nothing();
    }
    return Decision.accept(command.enabled()
        ? new DeviceEnabled(command.productKey(), command.deviceName(), now)
        : new DeviceDisabled(command.productKey(), command.deviceName(), now));
  }

  /**
   * Decides on a deletion.
   *
   * @param job a running one that has it among its targets; null if there is none
   */
  static Decision<RegistryEvent> decide(Device before, DeleteDevice command, Product product, @Nullable JobId job,
      Instant now) {
    @Nullable
    Registered registered = meant(before, command.iotId(), product, command.account());
    if (registered == null) {
      return notFound(before.id());
    }
    return job != null
        ? Decision.refuse(ErrorCode.DEVICE_HAS_OPEN_TASK, "DeviceName", command.deviceName(),
            "a device that no running job is for; job " + job + " is for this one")
        : Decision.accept(new DeviceDeleted(command.productKey(), command.deviceName(), registered.iotId(), now));
  }

  private static @Nullable Registered meant(Device before, @Nullable IotId iotId, Product product, AccountId account) {
    return product.isOf(account) && before instanceof Registered registered
        && (iotId == null || iotId.equals(registered.iotId())) ? registered : null;
  }

  private static Decision<RegistryEvent> notFound(DeviceId id) {
    return Decision.refuse(ErrorCode.DEVICE_NOT_FOUND, "DeviceName", id.deviceName(),
        "a device of product " + id.productKey());
  }

  private static Decision<RegistryEvent> nameTaken(Registered registered, Product product) {
    return Decision.refuse(ErrorCode.DEVICE_NAME_TAKEN, "DeviceName", registered.id().deviceName(),
        "a name that no device of product " + product.key() + " has");
  }

  /**
   * The device after an event about it.
   *
   * @throws IllegalStateException if the event cannot have happened in this state
   */
  static Device evolve(Device before, RegistryEvent event) {
    return switch (event) {
      case DeviceRegistered registered when before instanceof Unregistered -> new Registered(before.id(),
          registered.iotId(), true);
      case DeviceEnabled enabled when before instanceof Registered known -> new Registered(known.id(), known.iotId(),
          true);
      case DeviceDisabled disabled when before instanceof Registered known -> new Registered(known.id(),
          known.iotId(), false);
      case DeviceDeleted deleted when before instanceof Registered known -> new Unregistered(known.id());
      case RegistryEvent other -> throw new IllegalStateException("device: " + before.id()
          + " (expected: one that " + other.getClass().getSimpleName() + " can happen to)");
    };
  }
}
