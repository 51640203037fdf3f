// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.dispatcher.device.Device;
import dev.otaverify.dispatcher.device.Presence;
import dev.otaverify.kit.sql.Table;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code device}.
 *
 * @param heard the ids of what was heard of it last, the latest at the end
 */
record DeviceRow(ProductKey productKey, DeviceName deviceName, long session, boolean online, @Nullable String address,
    Map<String, String> versions, long eventNumber, List<String> heard) {

  static final Table<DeviceRow> TABLE = Table.of("device", DeviceRow.class, "product_key", "device_name");

  DeviceRow {
    versions = Map.copyOf(versions);
    heard = List.copyOf(heard);
  }

  static DeviceRow of(Device device, long eventNumber, List<String> heard) {
    var versions = new TreeMap<String, String>();
    device.versions().forEach((module, version) -> versions.put(module.value(), version));
    var presence = device.presence();
    return new DeviceRow(device.id().productKey(), device.id().deviceName(), presence.session(), presence.online(),
        presence.address(), versions, eventNumber, heard);
  }

  DeviceId id() {
    return new DeviceId(productKey, deviceName);
  }

  /** The device, still without its tasks. */
  Device toDevice() {
    return new Device(id(), new Presence(session, online, address), versions.entrySet().stream()
        .collect(Collectors.toMap(entry -> new ModuleName(entry.getKey()), Map.Entry::getValue)), new TreeMap<>());
  }
}
