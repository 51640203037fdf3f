// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.DevicePresenceChanged;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.contracts.RegistryEvent.DeviceVersionChanged;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device as it is known: its registration, which the dispatcher's events may overtake, and what it said of itself.
 *
 * @param deviceId the {@link DeviceId#key()}
 * @param versions by module
 * @param dispatcherNumber of the last event applied
 */
record DeviceRow(String deviceId, ProductKey productKey, DeviceName deviceName, @Nullable IotId iotId,
    @Nullable AccountId account, @Nullable String nickname, @Nullable Instant registeredAt,
    Map<String, String> versions, boolean online, @Nullable String address, Instant modifiedAt, long dispatcherNumber) {
  static final Table<DeviceRow> TABLE = Table.of("device", DeviceRow.class, "device_id");

  DeviceRow {
    versions = Map.copyOf(versions);
  }

  /** One that was only heard of. */
  static DeviceRow unknown(DeviceId device, Instant at) {
    return new DeviceRow(device.key(), device.productKey(), device.deviceName(), null, null, null, null, Map.of(),
        false, null, at, 0);
  }

  DeviceRow after(DeviceRegistered event) {
    return new DeviceRow(deviceId, productKey, deviceName, event.iotId(), event.account(), event.nickname(), event.at(),
        versions, online, address, event.at(), dispatcherNumber);
  }

  DeviceRow after(DeviceVersionChanged event) {
    var changed = new HashMap<>(versions);
    changed.put(event.moduleName().value(), event.version());
    return new DeviceRow(deviceId, productKey, deviceName, iotId, account, nickname, registeredAt, changed, online,
        address, event.at(), dispatcherNumber);
  }

  DeviceRow after(DevicePresenceChanged event) {
    return new DeviceRow(deviceId, productKey, deviceName, iotId, account, nickname, registeredAt, versions,
        event.online(), event.address(), event.at(), dispatcherNumber);
  }

  DeviceRow numbered(long number) {
    return new DeviceRow(deviceId, productKey, deviceName, iotId, account, nickname, registeredAt, versions, online,
        address, modifiedAt, number);
  }
}
