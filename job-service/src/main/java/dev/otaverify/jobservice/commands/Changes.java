// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.ProductKey;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows to write for a batch, in the order in which every unit writes them, so that no two wait for each other. What
 * frees a name is written before what may take it.
 *
 * @param products those that were there before and are not as they were
 * @param deletedDevices before the new ones: one may come again in the same batch
 * @param enabled of devices that were there before
 * @param modules as they are now, of the products of which any has changed
 * @param decidedImports whose secrets are no longer to be kept apart
 */
record Changes(List<JobRow> changedJobs, List<ProductRow.Change> products, List<ProductRow> newProducts,
    List<DeviceId> deletedDevices, List<DeviceRow> newDevices, Map<DeviceId, Boolean> enabled,
    Map<ProductKey, List<ModuleRow>> modules, List<FirmwareRow> changedFirmware, List<FirmwareRow> newFirmware,
    List<JobRow> newJobs, List<AnswerRow> newAnswers, Set<CommandId> decidedImports) {}
