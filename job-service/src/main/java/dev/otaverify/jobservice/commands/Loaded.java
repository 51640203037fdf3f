// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.jobservice.credentials.Secret;
import dev.otaverify.jobservice.rules.Module;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What was found of {@link Needs}.
 *
 * @param jobs the running ones of the firmware
 * @param firmwareNames those that are taken
 * @param productNames those that are taken
 * @param modules by product
 * @param contents of the products that may be emptied: how many devices and firmware each has
 * @param firmwareOfModules of the products that may be emptied: how many firmware there are for each module
 * @param busyDevices of the products that may be emptied: the devices that are targets of a running job
 * @param staged the secrets that were handed over for commands
 * @param productSecrets of the products that an import names; no others are read
 * @param deviceSecrets of the devices that an import names; no others are read
 */
record Loaded(Map<CommandId, AnswerRow> answers, Map<FirmwareId, FirmwareRow> firmware, Map<JobId, JobRow> jobs,
    Set<Name> firmwareNames, Map<ProductKey, ProductRow.Stored> products, Set<Name> productNames,
    Map<DeviceId, DeviceRow.Stored> devices, Map<ProductKey, Map<ModuleName, Module>> modules,
    Map<ProductKey, Long> contents, Map<ProductKey, Map<ModuleName, Long>> firmwareOfModules,
    Map<DeviceId, JobId> busyDevices, Map<CommandId, Secret> staged, Map<ProductKey, Secret> productSecrets,
    Map<DeviceId, Secret> deviceSecrets) {

  static Loaded nothing() {
    return new Loaded(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashSet<>(), new HashMap<>(),
        new HashSet<>(), new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>(),
        new HashMap<>(), new HashMap<>(), new HashMap<>());
  }
}
