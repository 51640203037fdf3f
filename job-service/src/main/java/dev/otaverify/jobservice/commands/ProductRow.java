// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.jobservice.credentials.Secret;
import dev.otaverify.jobservice.rules.Product;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A new product as it is stored. */
record ProductRow(ProductKey productKey, AccountId account, String name, int nodeType, int dataFormat,
    @Nullable String description, Secret secret, long eventNumber, Instant createdAt, @Nullable Instant deletedAt) {

  static final Table<ProductRow> TABLE = Table.of("product", ProductRow.class, "product_key");

  static ProductRow of(ProductCreated event, Secret secret, long eventNumber) {
    return new ProductRow(event.productKey(), event.account(), event.name(), event.nodeType(), event.dataFormat(),
        event.description(), secret, eventNumber, event.at(), null);
  }

  /** The row after what followed in the same batch. */
  ProductRow with(Product.Known state, long number) {
    return new ProductRow(productKey, account, state.name(), nodeType, dataFormat, state.description(), secret, number,
        createdAt, null);
  }

  /** The row of a product that was deleted in the batch that created it. */
  ProductRow deleted(long number, Instant at) {
    return new ProductRow(productKey, account, name, nodeType, dataFormat, description, secret, number, createdAt, at);
  }

  Name nameInAccount() {
    return new Name(account, name);
  }

  /**
   * What decisions need of a stored product; its secret stays where it is.
   *
   * @param deletedAt when it was deleted; its number stays
   */
  record Stored(ProductKey productKey, AccountId account, String name, @Nullable String description, long eventNumber,
      @Nullable Instant deletedAt) {
    static final String COLUMNS = "json_build_object('product_key', product_key, 'account', account, 'name', name,"
        + " 'description', description, 'event_number', event_number, 'deleted_at', deleted_at)";

    Product state() {
      return deletedAt == null
          ? new Product.Known(productKey, account, name, description)
          : new Product.Unknown(productKey);
    }
  }

  /** What changes of a stored product. */
  record Change(ProductKey productKey, String name, @Nullable String description, long eventNumber,
      @Nullable Instant deletedAt) {}

  /** What an import is compared with. */
  record WithSecret(ProductKey productKey, Secret secret) {
    static final String COLUMNS = "json_build_object('product_key', product_key, 'secret', secret)";
  }
}
