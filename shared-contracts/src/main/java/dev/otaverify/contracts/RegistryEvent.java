// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Products and devices; on {@link Topics#REGISTRY_EVENTS}, keyed by product key. Written by
 * device-dispatcher (versions and presence) and job-service (all else).
 */
public sealed interface RegistryEvent {

  /** The product it is about, and so its key. */
  ProductKey productKey();

  /** When. */
  Instant at();

  /** A product was created. */
  @WireType("dev.otaverify.product.created.v1")
  record ProductCreated(ProductKey productKey, AccountId account, String name, int nodeType, int dataFormat,
      @Nullable String description, Instant at) implements RegistryEvent {}

  /** A device was registered. */
  @WireType("dev.otaverify.registry.device-registered.v1")
  record DeviceRegistered(ProductKey productKey, DeviceName deviceName, IotId iotId, AccountId account,
      @Nullable String nickname, Instant at) implements RegistryEvent {}

  /** A product got another name or description. */
  @WireType("dev.otaverify.product.updated.v1")
  record ProductUpdated(ProductKey productKey, String name, @Nullable String description,
      Instant at) implements RegistryEvent {}

  /** A product was deleted; it had no devices and no firmware any more. */
  @WireType("dev.otaverify.product.deleted.v1")
  record ProductDeleted(ProductKey productKey, Instant at) implements RegistryEvent {}

  /** A module was added to a product. */
  @WireType("dev.otaverify.registry.module-created.v1")
  record ModuleCreated(ProductKey productKey, ModuleName moduleName, @Nullable String aliasName,
      @Nullable String description, Instant at) implements RegistryEvent {}

  /** What people read about a module has changed; these are the values from then on. */
  @WireType("dev.otaverify.registry.module-updated.v1")
  record ModuleUpdated(ProductKey productKey, ModuleName moduleName, @Nullable String aliasName,
      @Nullable String description, Instant at) implements RegistryEvent {}

  /** A module was deleted. */
  @WireType("dev.otaverify.registry.module-deleted.v1")
  record ModuleDeleted(ProductKey productKey, ModuleName moduleName, Instant at) implements RegistryEvent {}

  /** A device may no longer log in. */
  @WireType("dev.otaverify.registry.device-disabled.v1")
  record DeviceDisabled(ProductKey productKey, DeviceName deviceName, Instant at) implements RegistryEvent {}

  /** A device that was disabled may log in again. */
  @WireType("dev.otaverify.registry.device-enabled.v1")
  record DeviceEnabled(ProductKey productKey, DeviceName deviceName, Instant at) implements RegistryEvent {}

  /** A registration of a device was deleted. Another one of the same name may follow, with another {@code iotId}. */
  @WireType("dev.otaverify.registry.device-deleted.v1")
  record DeviceDeleted(ProductKey productKey, DeviceName deviceName, IotId iotId,
      Instant at) implements RegistryEvent {}

  /** A device said that a module of it runs another version than was known. */
  @WireType("dev.otaverify.registry.device-version-changed.v1")
  record DeviceVersionChanged(ProductKey productKey, DeviceName deviceName, ModuleName moduleName, String version,
      Instant at) implements RegistryEvent {}

  /** A device came or went. */
  @WireType("dev.otaverify.registry.device-presence-changed.v1")
  record DevicePresenceChanged(ProductKey productKey, DeviceName deviceName, boolean online,
      @Nullable String address, Instant at) implements RegistryEvent {}
}
