// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The database of units, for threads that block.
 *
 * @param limit the most that is waited for
 */
record Database(ConnectionFactory connections, Duration limit) {

  /** Works in a connection of its own. After a failure the transaction is rolled back. */
  <R> R await(Function<Connection, Mono<R>> work) {
    return required(Mono.usingWhen(connections.create(), work, Connection::close,
        (connection, failure) -> rollBackAndClose(connection), Database::rollBackAndClose).block(limit));
  }

  private static Mono<Void> rollBackAndClose(Connection connection) {
    return Mono.from(connection.rollbackTransaction()).onErrorComplete().then(Mono.from(connection.close()));
  }

  static <V> V required(@Nullable V value) {
    if (value == null) {
      throw new IllegalStateException("value: null (expected: not null)");
    }
    return value;
  }
}
