// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A device's task as it is known.
 *
 * @param sourceVersion what the device ran when the firmware was announced; null before
 * @param progress percent
 * @param description what happened, for a technician; empty while there is nothing to say
 */
public record TaskView(TaskId taskId, JobId jobId, FirmwareId firmwareId, ProductKey productKey, String productName,
    ModuleName moduleName, DeviceName deviceName, IotId iotId, @Nullable String sourceVersion, String destVersion,
    TaskStatus status,
    int progress, String description, Duration timeout, Instant createdAt, Instant modifiedAt) {}
