// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A module of a product as it is known. The default module, which every product has, is not among them. */
public record ModuleView(ProductKey productKey, ModuleName moduleName, @Nullable String aliasName,
    @Nullable String description, Instant createdAt, Instant modifiedAt) {}
