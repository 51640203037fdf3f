// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.DeviceDeleted;
import dev.otaverify.contracts.RegistryEvent.DevicePresenceChanged;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.contracts.RegistryEvent.DeviceVersionChanged;
import dev.otaverify.contracts.query.DeviceStatus;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.contracts.query.ModuleVersion;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A device as it is known: its registration, which the dispatcher's events may overtake, and what it said of itself.
 *
 * @param deviceId the {@link DeviceId#key()}
 * @param iotId null while there is no registration of it, or no more
 * @param versions by module
 * @param statusAt when it last came, went, was disabled or enabled
 * @param activatedAt when it first came online; null before
 * @param onlineAt when it last did
 * @param dispatcherNumber of the last event applied
 */
public record DeviceRow(String deviceId, ProductKey productKey, DeviceName deviceName, @Nullable IotId iotId,
    @Nullable AccountId account, @Nullable String nickname, @Nullable Instant registeredAt,
    Map<String, String> versions, boolean online, @Nullable String address, boolean enabled, Instant statusAt,
    @Nullable Instant activatedAt, @Nullable Instant onlineAt, Instant modifiedAt, long dispatcherNumber) {
  static final Table<DeviceRow> TABLE = Table.of("device", DeviceRow.class, "device_id");

  /** Copies the versions. */
  public DeviceRow {
    versions = Map.copyOf(versions);
  }

  /** One that was only heard of. */
  static DeviceRow unknown(DeviceId device, Instant at) {
    return new DeviceRow(device.key(), device.productKey(), device.deviceName(), null, null, null, null, Map.of(),
        false, null, true, at, null, null, at, 0);
  }

  /** One of this name may be connected already: what the broker said of it stays. */
  DeviceRow after(DeviceRegistered event) {
    return new DeviceRow(deviceId, productKey, deviceName, event.iotId(), event.account(), event.nickname(), event.at(),
        versions, online, address, true, event.at(), activatedAt, onlineAt, event.at(), dispatcherNumber);
  }

  DeviceRow after(DeviceVersionChanged event) {
    var changed = new HashMap<>(versions);
    changed.put(event.moduleName().value(), event.version());
    return new DeviceRow(deviceId, productKey, deviceName, iotId, account, nickname, registeredAt, changed, online,
        address, enabled, statusAt, activatedAt, onlineAt, event.at(), dispatcherNumber);
  }

  DeviceRow after(DevicePresenceChanged event) {
    boolean comes = event.online();
    return new DeviceRow(deviceId, productKey, deviceName, iotId, account, nickname, registeredAt, versions, comes,
        // Where it was is still where it last came from, once it has gone.
        comes ? event.address() : address, enabled, online == comes ? statusAt : event.at(),
        comes && activatedAt == null ? event.at() : activatedAt, comes ? event.at() : onlineAt, event.at(),
        dispatcherNumber);
  }

  /** What it said was said by the registration that is gone; that something of its name is connected stays true. */
  DeviceRow after(DeviceDeleted event) {
    return new DeviceRow(deviceId, productKey, deviceName, null, null, null, null, Map.of(), online, address, true,
        event.at(), online ? event.at() : null, online ? event.at() : null, event.at(), dispatcherNumber);
  }

  DeviceRow enabled(boolean value, Instant at) {
    return new DeviceRow(deviceId, productKey, deviceName, iotId, account, nickname, registeredAt, versions, online,
        address, value, at, activatedAt, onlineAt, at, dispatcherNumber);
  }

  DeviceRow numbered(long number) {
    return new DeviceRow(deviceId, productKey, deviceName, iotId, account, nickname, registeredAt, versions, online,
        address, enabled, statusAt, activatedAt, onlineAt, modifiedAt, number);
  }

  /**
   * What queries answer.
   *
   * @throws IllegalStateException if it is not registered
   */
  public DeviceView view(ProductRow product) {
    if (iotId == null || registeredAt == null) {
      throw new IllegalStateException("device: " + deviceId + " (expected: a registered one)");
    }
    return new DeviceView(productKey, product.name(), product.nodeType(), deviceName, iotId, nickname, status(),
        statusAt, address,
        new TreeMap<>(versions).entrySet().stream()
            .map(version -> new ModuleVersion(new ModuleName(version.getKey()), version.getValue())).toList(),
        registeredAt, modifiedAt, activatedAt, onlineAt);
  }

  private DeviceStatus status() {
    if (!enabled) {
      return DeviceStatus.DISABLE;
    }
    if (online) {
      return DeviceStatus.ONLINE;
    }
    return activatedAt == null ? DeviceStatus.UNACTIVE : DeviceStatus.OFFLINE;
  }
}
