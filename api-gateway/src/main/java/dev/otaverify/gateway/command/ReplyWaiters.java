// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.command;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import reactor.core.publisher.Mono;

/** Requests that wait for a reply. Several may wait for the same: a client's library sends again when a connection breaks. */
final class ReplyWaiters {

  /** Which reply is waited for. */
  private record Key(CommandId command, String address) {}

  /** One request that waits. It must be closed. */
  final class Waiter implements AutoCloseable {
    private final Key key;
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();

    private Waiter(Key key) {
      this.key = key;
    }

    Mono<Reply> reply() {
      return Mono.fromFuture(reply, true);
    }

    @Override
    public void close() {
      waiting.computeIfPresent(key, (same, waiters) -> {
        var others = waiters.stream().filter(waiter -> waiter != this).toList();
        return others.isEmpty() ? null : others;
      });
    }
  }

  private final ConcurrentMap<Key, List<Waiter>> waiting = new ConcurrentHashMap<>();

  Waiter register(CommandId command, String address) {
    var waiter = new Waiter(new Key(command, address));
    waiting.merge(waiter.key, List.of(waiter), (before, added) -> {
      var all = new ArrayList<>(before);
      all.addAll(added);
      return List.copyOf(all);
    });
    return waiter;
  }

  /** Gives the reply to whoever waits for it; false if nobody does. */
  boolean complete(Reply reply, String address) {
    var waiters = waiting.get(new Key(reply.commandId(), address));
    if (waiters == null) {
      return false;
    }
    waiters.forEach(waiter -> waiter.reply.complete(reply));
    return true;
  }

  int size() {
    return waiting.size();
  }
}
