// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import java.time.Instant;

/**
 * A firmware as it is known.
 *
 * @param verifyProgress devices that succeeded, in percent of the job's; 0 unverified, 100 verified
 */
public record FirmwareView(FirmwareId firmwareId, FirmwareSpec spec, String productName, FirmwareStatus status,
    int verifyProgress, Instant createdAt, Instant modifiedAt) {}
