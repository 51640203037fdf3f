// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.jobservice.rules.Module;
import dev.otaverify.kit.sql.Table;
import org.jspecify.annotations.Nullable;

/** A module as it is stored. */
record ModuleRow(ProductKey productKey, ModuleName moduleName, @Nullable String aliasName,
    @Nullable String description) {

  static final Table<ModuleRow> TABLE = Table.of("module", ModuleRow.class, "product_key", "module_name");

  static ModuleRow of(ProductKey product, Module module) {
    return new ModuleRow(product, module.name(), module.aliasName(), module.description());
  }

  Module state() {
    return new Module(moduleName, aliasName, description);
  }
}
