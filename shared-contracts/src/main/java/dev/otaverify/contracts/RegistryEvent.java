// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Products and devices; on {@link Topics#REGISTRY_EVENTS}, keyed by product key. Written by job-service (created,
 * registered) and device-dispatcher (versions and presence).
 */
public sealed interface RegistryEvent {

  /** The product it is about, and so its key. */
  ProductKey productKey();

  /** A product was created. */
  @WireType("dev.otaverify.product.created.v1")
  record ProductCreated(ProductKey productKey, AccountId account, String name, int nodeType, int dataFormat,
      @Nullable String description, Instant at) implements RegistryEvent {}

  /** A device was registered. */
  @WireType("dev.otaverify.registry.device-registered.v1")
  record DeviceRegistered(ProductKey productKey, DeviceName deviceName, IotId iotId, AccountId account,
      @Nullable String nickname, Instant at) implements RegistryEvent {}

  /** A device said that a module of it runs another version than was known. */
  @WireType("dev.otaverify.registry.device-version-changed.v1")
  record DeviceVersionChanged(ProductKey productKey, DeviceName deviceName, ModuleName moduleName, String version,
      Instant at) implements RegistryEvent {}

  /** A device came or went. */
  @WireType("dev.otaverify.registry.device-presence-changed.v1")
  record DevicePresenceChanged(ProductKey productKey, DeviceName deviceName, boolean online,
      @Nullable String address, Instant at) implements RegistryEvent {}
}
