// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.gateway.auth.AccessKey;
import java.time.Duration;
import java.util.List;
import org.springframework.context.SmartLifecycle;

/**
 * Stores the access keys that are configured, once the gateway is wired and before it takes requests; it does not start with
 * another master key than the stored ones need. Not while it is being wired, which then needs no database.
 */
final class InitialAccessKeys implements SmartLifecycle {
  private static final Duration AT_START = Duration.ofSeconds(30);

  private final KeyStore store;
  private final List<AccessKey> keys;
  private volatile boolean running;

  InitialAccessKeys(KeyStore store, List<AccessKey> keys) {
    this.store = store;
    this.keys = List.copyOf(keys);
  }

  @Override
  public void start() {
    store.checkMasterKey().then(store.addInitial(keys)).block(AT_START);
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
