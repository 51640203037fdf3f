// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.ModuleCreated;
import dev.otaverify.contracts.RegistryEvent.ModuleUpdated;
import dev.otaverify.contracts.query.ModuleView;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A module of a product, besides the default one. */
public record ModuleRow(ProductKey productKey, ModuleName moduleName, @Nullable String aliasName,
    @Nullable String description, Instant createdAt, Instant modifiedAt) {
  static final Table<ModuleRow> TABLE = Table.of("module", ModuleRow.class, "product_key", "module_name");

  static ModuleRow of(ModuleCreated event) {
    return new ModuleRow(event.productKey(), event.moduleName(), event.aliasName(), event.description(), event.at(),
        event.at());
  }

  ModuleRow after(ModuleUpdated event) {
    return new ModuleRow(productKey, moduleName, event.aliasName(), event.description(), createdAt, event.at());
  }

  /** What queries answer. */
  public ModuleView view() {
    return new ModuleView(productKey, moduleName, aliasName, description, createdAt, modifiedAt);
  }
}
