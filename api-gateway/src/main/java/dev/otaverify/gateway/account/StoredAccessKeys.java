// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.otaverify.gateway.auth.AccessKey;
import dev.otaverify.gateway.auth.AccessKeys;
import dev.otaverify.gateway.auth.KnownKey;
import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** The keys of the database, each read at most once a second, and so are ids that no key has. */
final class StoredAccessKeys implements AccessKeys {
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final int MOST = 10_000;

  private final KeyStore store;
  private final Guard guard;
  private final Cache<String, Mono<Optional<KnownKey>>> cache = Caffeine.newBuilder().maximumSize(MOST)
      .expireAfterWrite(FRESH).build();

  StoredAccessKeys(KeyStore store, Guard guard) {
    this.store = store;
    this.guard = guard;
  }

  @Override
  public Mono<KnownKey> find(String id) {
    return AccessKey.isId(id) ? cache.get(id, this::read).flatMap(Mono::justOrEmpty) : Mono.empty();
  }

  /** Reads it once for all who ask meanwhile and after; again if that failed. */
  private Mono<Optional<KnownKey>> read(String id) {
    return guard.run(store.find(id).map(Optional::of).defaultIfEmpty(Optional.empty()))
        .cache(known -> FRESH, error -> Duration.ZERO, () -> Duration.ZERO);
  }
}
