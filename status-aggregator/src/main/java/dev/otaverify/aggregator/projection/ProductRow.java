// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.RegistryEvent.ProductDeleted;
import dev.otaverify.contracts.RegistryEvent.ProductUpdated;
import dev.otaverify.contracts.query.ProductView;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A product as it is known.
 *
 * @param modifiedAt null for one that never changed
 * @param deletedAt null unless it was deleted; queries do not show it then
 * @param jobServiceNumber of the last event applied, about the product, a device or a module of it
 */
public record ProductRow(ProductKey productKey, AccountId account, String name, int nodeType, int dataFormat,
    @Nullable String description, Instant createdAt, @Nullable Instant modifiedAt, @Nullable Instant deletedAt,
    long jobServiceNumber) {
  static final Table<ProductRow> TABLE = Table.of("product", ProductRow.class, "product_key");

  static ProductRow of(ProductCreated event, long number) {
    return new ProductRow(event.productKey(), event.account(), event.name(), event.nodeType(), event.dataFormat(),
        event.description(), event.at(), null, null, number);
  }

  ProductRow after(ProductUpdated event) {
    return new ProductRow(productKey, account, event.name(), nodeType, dataFormat, event.description(), createdAt,
        event.at(), deletedAt, jobServiceNumber);
  }

  ProductRow after(ProductDeleted event) {
    return new ProductRow(productKey, account, name, nodeType, dataFormat, description, createdAt, modifiedAt,
        event.at(), jobServiceNumber);
  }

  ProductRow numbered(long number) {
    return new ProductRow(productKey, account, name, nodeType, dataFormat, description, createdAt, modifiedAt,
        deletedAt, number);
  }

  /** What queries answer, with how many devices are registered. */
  public ProductView view(int deviceCount) {
    return new ProductView(productKey, name, nodeType, dataFormat, description, deviceCount, createdAt);
  }
}
