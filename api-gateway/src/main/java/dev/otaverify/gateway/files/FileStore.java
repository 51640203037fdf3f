// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import java.time.Instant;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Where the files are: in a directory, or in object storage. Of each there are two objects. {@code KEY-RANDOM} is its content, and
 * {@code KEY.json}, a {@link StoredFile}, names that. The description is written last and never replaced, and makes the file count:
 * what a firmware was made of never changes.
 *
 * <p>An error that will pass is a {@link StoreUnavailableException}.
 */
interface FileStore extends AutoCloseable {
  /** A part of a file, in bytes. */
  record Part(long start, long length) {}

  /**
   * An object, whatever it holds.
   *
   * @param modified when it was written, by the clock of the store
   */
  record Item(String name, Instant modified) {}

  /** The file of this key; empty if none was uploaded. */
  Mono<StoredFile> find(String key);

  /**
   * Keeps what came in. When this completes, it is durable.
   *
   * @return the file, which is an earlier one if that was uploaded under the same key; whether it has the same content is for the
   *     caller to see
   */
  Mono<StoredFile> keep(UploadPolicy policy, Spool.Received received);

  /** Writes a part of a file as the body of a response. Before the response is committed it may fail as unavailable. */
  Mono<Void> send(StoredFile file, Part part, ServerHttpResponse response);

  /** All objects, in no order. */
  Flux<Item> items();

  /** Removes an object, if it is there. */
  Mono<Void> remove(String name);

  @Override
  default void close() {}

  /** The name of a description. */
  static String description(String key) {
    return key + ".json";
  }

  /** The file cannot be had or kept right now. */
  final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreUnavailableException(String message, Throwable cause) {
      super(message, cause);
    }

    StoreUnavailableException(String message) {
      super(message);
    }
  }
}
