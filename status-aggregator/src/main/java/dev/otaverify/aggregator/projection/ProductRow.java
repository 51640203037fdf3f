// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A product as it is known.
 *
 * @param jobServiceNumber of the last event applied, about the product or a device of it
 */
record ProductRow(ProductKey productKey, AccountId account, String name, int nodeType, int dataFormat,
    @Nullable String description, Instant createdAt, long jobServiceNumber) {
  static final Table<ProductRow> TABLE = Table.of("product", ProductRow.class, "product_key");

  static ProductRow of(ProductCreated event, long number) {
    return new ProductRow(event.productKey(), event.account(), event.name(), event.nodeType(), event.dataFormat(),
        event.description(), event.at(), number);
  }

  ProductRow numbered(long number) {
    return new ProductRow(productKey, account, name, nodeType, dataFormat, description, createdAt, number);
  }
}
