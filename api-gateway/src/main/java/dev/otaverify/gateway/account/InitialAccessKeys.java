// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.auth.AccessKey;
import dev.otaverify.kit.Migration.OnceMigrated;
import java.util.List;

/** Stores the access keys that are configured; the gateway does not start with another master key than the stored ones need. */
final class InitialAccessKeys implements OnceMigrated {
  private final KeyStore store;
  private final List<AccessKey> keys;

  InitialAccessKeys(KeyStore store, List<AccessKey> keys) {
    this.store = store;
    this.keys = List.copyOf(keys);
  }

  @Override
  public void run() {
    store.checkMasterKey().then(store.addInitial(keys)).block();
  }
}
