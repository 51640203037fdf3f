// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import reactor.core.publisher.Mono;

/** The access keys there are. */
@FunctionalInterface
public interface AccessKeys {

  /** The key of this id, as it was at most a second ago; empty if there is none. */
  Mono<KnownKey> find(String id);
}
