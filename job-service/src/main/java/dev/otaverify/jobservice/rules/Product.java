// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.Command.DeleteProduct;
import dev.otaverify.contracts.Command.ImportProduct;
import dev.otaverify.contracts.Command.UpdateProduct;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.RegistryEvent.ProductDeleted;
import dev.otaverify.contracts.RegistryEvent.ProductUpdated;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A product, the kind that devices are of.
 *
 * <pre>
 * Unknown --CreateProduct, ImportProduct--&gt; Known --UpdateProduct--&gt; Known
 *    ^                                        |
 *    +-------------DeleteProduct--------------+
 * </pre>
 */
public sealed interface Product {

  /** Its key. */
  ProductKey key();

  /** There is no product of this key, or none any more. */
  record Unknown(ProductKey key) implements Product {}

  /** It exists, under a name that is unique in its account. */
  record Known(ProductKey key, AccountId account, String name, @Nullable String description) implements Product {}

  /** Whether it exists and is this account's: what belongs to another account does not exist for this one. */
  default boolean isOf(AccountId account) {
    return this instanceof Known known && known.account().equals(account);
  }

  /**
   * Decides on a creation.
   *
   * @param nameTaken whether another product of the account has the name
   */
  static Decision<RegistryEvent> decide(Product before, CreateProduct command, boolean nameTaken, Instant now) {
    return switch (before) {
      case Known known -> Decision.refuse(ErrorCode.NONCE_USED, "ProductKey", known.key(),
          "a new key; it is made of the access key and SignatureNonce, so that nonce was used before");
      case Unknown unknown when nameTaken -> nameTaken(command.name());
      case Unknown unknown -> Decision.accept(new ProductCreated(unknown.key(), command.account(), command.name(),
          command.nodeType(), command.dataFormat(), command.description(), now));
    };
  }

  /**
   * Decides on a product that moves in. One that is there already, as it was brought, is accepted and changes nothing: an
   * import may be repeated.
   *
   * @param nameTaken whether another product of the account has the name
   */
  static Decision<RegistryEvent> decide(Product before, ImportProduct command, BroughtSecret secret,
      boolean nameTaken, Instant now) {
    return switch (before) {
      case Product any when secret == BroughtSecret.MISSING -> BroughtSecret.refusal();
      case Known known when known.isOf(command.account()) && known.name().equals(command.name())
          && secret == BroughtSecret.THAT_OF_THE_KNOWN ->
        Decision.nothing();
      case Known known -> Decision.refuse(ErrorCode.PRODUCT_KEY_TAKEN, "ProductKey", known.key(),
          "a key that no product has, or that of the same product: with this name and secret, in this account");
      case Unknown unknown when nameTaken -> nameTaken(command.name());
      case Unknown unknown -> Decision.accept(new ProductCreated(unknown.key(), command.account(), command.name(),
          command.nodeType(), command.dataFormat(), command.description(), now));
    };
  }

  /**
   * Decides on a change of what people read.
   *
   * @param nameTaken whether a product of the account has the name
   */
  static Decision<RegistryEvent> decide(Product before, UpdateProduct command, boolean nameTaken, Instant now) {
    if (!(before instanceof Known known) || !known.isOf(command.account())) {
      return notFound(before.key());
    }
    boolean sameName = known.name().equals(command.name());
    if (nameTaken && !sameName) {
      return nameTaken(command.name());
    }
    @Nullable
    String description = command.description() == null ? known.description() : command.description();
    return sameName && Objects.equals(description, known.description())
        ? Decision.nothing()
        : Decision.accept(new ProductUpdated(known.key(), command.name(), description, now));
  }

  /**
   * Decides on a deletion.
   *
   * @param contents how many devices and firmware it has
   */
  static Decision<RegistryEvent> decide(Product before, DeleteProduct command, long contents, Instant now) {
    if (!before.isOf(command.account())) {
      return notFound(before.key());
    }
    return contents > 0
        ? Decision.refuse(ErrorCode.PRODUCT_NOT_EMPTY, "ProductKey", before.key(),
            "a product without devices and firmware; this one has " + contents)
        : Decision.accept(new ProductDeleted(before.key(), now));
  }

  /** The product is not there for this account. */
  static <E> Decision<E> notFound(ProductKey key) {
    return Decision.refuse(ErrorCode.PRODUCT_NOT_FOUND, "ProductKey", key, "a product of this account");
  }

  private static Decision<RegistryEvent> nameTaken(String name) {
    return Decision.refuse(ErrorCode.PRODUCT_NAME_TAKEN, "ProductName", name,
        "a name that no product of this account has");
  }

  /**
   * The product after an event about itself.
   *
   * @throws IllegalStateException if the event cannot have happened in this state
   */
  static Product evolve(Product before, RegistryEvent event) {
    return switch (event) {
      case ProductCreated created when before instanceof Unknown -> new Known(created.productKey(), created.account(),
          created.name(), created.description());
      case ProductUpdated updated when before instanceof Known known -> new Known(known.key(), known.account(),
          updated.name(), updated.description());
      case ProductDeleted deleted when before instanceof Known -> new Unknown(deleted.productKey());
      case RegistryEvent other -> throw new IllegalStateException("product: " + before.key()
          + " (expected: one that " + other.getClass().getSimpleName() + " can happen to)");
    };
  }
}
