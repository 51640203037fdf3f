// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ProductKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A registered device as it is known.
 *
 * @param statusAt when the status became what it is
 * @param address where it last came online from
 * @param versions what it said it runs, by module name
 * @param modifiedAt when anything of it last changed
 * @param activatedAt when it was first online; null before
 * @param onlineAt when it last came online; null if it never did
 */
public record DeviceView(ProductKey productKey, String productName, int nodeType, DeviceName deviceName, IotId iotId,
    @Nullable String nickname, DeviceStatus status, Instant statusAt, @Nullable String address,
    List<ModuleVersion> versions, Instant createdAt, Instant modifiedAt, @Nullable Instant activatedAt,
    @Nullable Instant onlineAt) {
  /** Copies the versions. */
  public DeviceView {
    versions = List.copyOf(versions);
  }
}
