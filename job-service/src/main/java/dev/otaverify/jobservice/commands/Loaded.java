// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import java.util.Map;
import java.util.Set;

/**
 * What was found of {@link Needs}.
 *
 * @param runningJobs of the firmware that is being verified
 * @param firmwareNames those that are taken
 * @param productNames those that are taken
 */
record Loaded(Map<CommandId, AnswerRow> answers, Map<FirmwareId, FirmwareRow> firmware,
    Map<FirmwareId, JobId> runningJobs, Set<Name> firmwareNames, Map<ProductKey, ProductRow.Stored> products,
    Set<Name> productNames, Map<DeviceId, IotId> devices) {}
