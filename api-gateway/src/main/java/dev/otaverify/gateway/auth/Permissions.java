// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.contracts.ProductKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may do within the account.
 *
 * @param actions the names of operations, or what they begin with and an asterisk; null: all
 * @param products the products that exist for the caller; null: all
 */
public record Permissions(@Nullable Set<String> actions, @Nullable Set<ProductKey> products) {
  /** Everything. */
  public static final Permissions ALL = new Permissions(null, null);

  /** Copies the sets. */
  public Permissions {
    actions = actions == null ? null : Set.copyOf(actions);
    products = products == null ? null : Set.copyOf(products);
  }

  /** Whether the operation of this name may be called. */
  public boolean mayCall(String action) {
    return actions == null || actions.contains(action) || actions.stream().anyMatch(
        pattern -> pattern.endsWith("*") && action.startsWith(pattern.substring(0, pattern.length() - 1)));
  }

  /** Whether there is this product for the caller. */
  public boolean maySee(ProductKey product) {
    return products == null || products.contains(product);
  }
}
