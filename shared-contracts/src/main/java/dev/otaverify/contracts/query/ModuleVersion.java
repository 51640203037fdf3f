// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import dev.otaverify.contracts.ModuleName;

/** Which version of a module a device said it runs. */
public record ModuleVersion(ModuleName moduleName, String version) {}
