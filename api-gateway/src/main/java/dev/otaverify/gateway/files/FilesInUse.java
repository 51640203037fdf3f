// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import java.util.List;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Who knows which files firmware is made of. */
public interface FilesInUse {
  /** The most keys that may be asked about at once. */
  int AT_ONCE = 500;

  /** Of these keys those that a firmware has; an error if that is not to be known now. */
  Mono<Set<String>> of(List<String> keys);
}
