// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.auth.AccessKey;
import java.time.Duration;
import java.util.List;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import reactor.util.retry.Retry;

/**
 * Stores the access keys that are configured, once the gateway is wired and before it takes requests; it does not start with
 * another master key than the stored ones need. Not while it is being wired, which then needs no database.
 */
final class InitialAccessKeys implements SmartLifecycle {
  private static final Duration AT_START = Duration.ofSeconds(30);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);

  private final KeyStore store;
  private final List<AccessKey> keys;
  private volatile boolean running;

  InitialAccessKeys(KeyStore store, List<AccessKey> keys) {
    this.store = store;
    this.keys = List.copyOf(keys);
  }

  @Override
  public void start() {
    store.checkMasterKey().then(store.addInitial(keys))
        // A machine that starts everything at once has little time for each: a connection that is late is no reason to give up.
        .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_RETRY).maxBackoff(LONGEST_RETRY)
            .filter(failure -> failure instanceof DataAccessResourceFailureException
                || failure instanceof TransientDataAccessException))
        .block(AT_START);
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    // Before the web server takes requests.
    return 0;
  }
}
