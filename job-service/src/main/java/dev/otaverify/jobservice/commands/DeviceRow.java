// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.jobservice.credentials.Secret;
import dev.otaverify.jobservice.rules.Device;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A new device as it is stored. */
record DeviceRow(ProductKey productKey, DeviceName deviceName, IotId iotId, AccountId account,
    @Nullable String nickname, Secret secret, boolean enabled, Instant createdAt) {

  static final Table<DeviceRow> TABLE = Table.of("device", DeviceRow.class, "product_key", "device_name");

  static DeviceRow of(DeviceRegistered event, Secret secret) {
    return new DeviceRow(event.productKey(), event.deviceName(), event.iotId(), event.account(), event.nickname(),
        secret, true, event.at());
  }

  DeviceRow withEnabled(boolean value) {
    return new DeviceRow(productKey, deviceName, iotId, account, nickname, secret, value, createdAt);
  }

  DeviceId id() {
    return new DeviceId(productKey, deviceName);
  }

  /** What decisions need of a stored device; its secret stays where it is. */
  record Stored(ProductKey productKey, DeviceName deviceName, IotId iotId, boolean enabled) {
    static final String COLUMNS = "json_build_object('product_key', product_key, 'device_name', device_name,"
        + " 'iot_id', iot_id, 'enabled', enabled)";

    DeviceId id() {
      return new DeviceId(productKey, deviceName);
    }

    Device state() {
      return new Device.Registered(id(), iotId, enabled);
    }
  }

  /** What an import is compared with. */
  record WithSecret(ProductKey productKey, DeviceName deviceName, Secret secret) {
    static final String COLUMNS = "json_build_object('product_key', product_key, 'device_name', device_name,"
        + " 'secret', secret)";

    DeviceId id() {
      return new DeviceId(productKey, deviceName);
    }
  }
}
