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
    @Nullable String description, Secret secret, long eventNumber, Instant createdAt) {

  static final Table<ProductRow> TABLE = Table.of("product", ProductRow.class, "product_key");

  static ProductRow of(ProductCreated event, Secret secret, long eventNumber) {
    return new ProductRow(event.productKey(), event.account(), event.name(), event.nodeType(), event.dataFormat(),
        event.description(), secret, eventNumber, event.at());
  }

  ProductRow withEventNumber(long number) {
    return new ProductRow(productKey, account, name, nodeType, dataFormat, description, secret, number, createdAt);
  }

  Name nameInAccount() {
    return new Name(account, name);
  }

  /** What decisions need of a stored product; its secret stays where it is. */
  record Stored(ProductKey productKey, AccountId account, String name, long eventNumber) {
    static final String COLUMNS = "jsonb_build_object('product_key', product_key, 'account', account, 'name', name,"
        + " 'event_number', event_number)";

    Product state() {
      return new Product.Known(productKey, account, name);
    }
  }
}
