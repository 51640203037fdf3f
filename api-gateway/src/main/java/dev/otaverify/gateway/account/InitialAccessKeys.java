// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.auth.AccessKey;
import dev.otaverify.kit.Migration.OnceMigrated;
import java.time.Duration;
import java.util.List;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import reactor.util.retry.Retry;

/** Stores the access keys that are configured; the gateway does not start with another master key than the stored ones need. */
final class InitialAccessKeys implements OnceMigrated {
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);

  private final KeyStore store;
  private final List<AccessKey> keys;

  InitialAccessKeys(KeyStore store, List<AccessKey> keys) {
    this.store = store;
    this.keys = List.copyOf(keys);
  }

  @Override
  public void run() {
    store.checkMasterKey().then(store.addInitial(keys))
        .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_RETRY).maxBackoff(LONGEST_RETRY)
            .filter(failure -> failure instanceof DataAccessResourceFailureException
                || failure instanceof TransientDataAccessException))
        .block();
  }
}
