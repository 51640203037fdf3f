// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Verdict;
import java.util.List;
import java.util.Map;

/**
 * The rows to write for a batch, in the order in which every unit writes them, so that no two wait for each other.
 *
 * @param productNumbers the event numbers of products that were there before
 */
record Changes(Map<JobId, Verdict> conclusions, List<ProductRow> newProducts, Map<ProductKey, Long> productNumbers,
    List<DeviceRow> newDevices, List<FirmwareRow> newFirmware, List<FirmwareRow> changedFirmware, List<JobRow> newJobs,
    List<AnswerRow> newAnswers) {}
