// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import java.time.Instant;

/**
 * A product, the kind that devices are of.
 *
 * <pre>
 * Unknown --CreateProduct--&gt; Known
 * </pre>
 */
public sealed interface Product {

  /** Its key. */
  ProductKey key();

  /** There is no product of this key. */
  record Unknown(ProductKey key) implements Product {}

  /** It exists, under a name that is unique in its account. */
  record Known(ProductKey key, AccountId account, String name) implements Product {}

  /** Whether it exists and is this account's: what belongs to another account does not exist for this one. */
  default boolean isOf(AccountId account) {
    return this instanceof Known known && known.account().equals(account);
  }

  /**
   * Decides on a creation.
   *
   * @param nameTaken whether another product of the account has the name
   */
  static Decision<ProductCreated> decide(Product before, CreateProduct command, boolean nameTaken, Instant now) {
    return switch (before) {
      case Known known -> Decision.refuse(ErrorCode.NONCE_USED, "ProductKey", known.key(),
          "a new key; it is made of the access key and SignatureNonce, so that nonce was used before");
      case Unknown unknown when nameTaken -> Decision.refuse(ErrorCode.PRODUCT_NAME_TAKEN, "ProductName",
          command.name(), "a name that no product of this account has");
      case Unknown unknown -> Decision.accept(new ProductCreated(unknown.key(), command.account(), command.name(),
          command.nodeType(), command.dataFormat(), command.description(), now));
    };
  }

  /** The product after the event. */
  static Product evolve(Product before, ProductCreated event) {
    return switch (before) {
      case Unknown unknown -> new Known(unknown.key(), event.account(), event.name());
      case Known known -> throw new IllegalStateException("product: " + known.key() + " (expected: not yet created)");
    };
  }
}
