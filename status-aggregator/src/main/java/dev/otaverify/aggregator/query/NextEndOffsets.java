// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Shares requests: at most one is under way, and whoever asks meanwhile gets the answer of the next one. Never of the
 * one under way, which may have been answered before a write that the asker knows of.
 *
 * <pre>
 *          ask: send            ask: wait            ask: wait too
 *   idle ────────────▶ under way ────────▶ under way,  ─────┐
 *    ▲                 │   ▲               next wanted ◀────┘
 *    └──── answer ─────┘   └─ answer: send the next ─┘
 * </pre>
 */
final class NextEndOffsets implements EndOffsets {
  private final EndOffsets kafka;
  private final Object lock = new Object();
  private boolean underWay;
  private Sinks.@Nullable One<Map<TopicPartition, Long>> next;

  /** @param kafka is asked with a request of its own for each subscription */
  NextEndOffsets(EndOffsets kafka) {
    this.kafka = kafka;
  }

  @Override
  public Mono<Map<TopicPartition, Long>> ask() {
    return Mono.defer(() -> {
      Sinks.One<Map<TopicPartition, Long>> joined;
      synchronized (lock) {
        if (underWay) {
          joined = next == null ? Sinks.one() : next;
          next = joined;
          return joined.asMono();
        }
        underWay = true;
        joined = Sinks.one();
      }
      send(joined);
      return joined.asMono();
    });
  }

  private void send(Sinks.One<Map<TopicPartition, Long>> askers) {
    // Not bound to any asker: one that gives up must not take the answer from the others.
    kafka.ask().subscribe(ends -> {
      sendNext();
      askers.tryEmitValue(ends);
    }, failure -> {
      sendNext();
      askers.tryEmitError(failure);
    });
  }

  private void sendNext() {
    Sinks.@Nullable One<Map<TopicPartition, Long>> waiting;
    synchronized (lock) {
      waiting = next;
      next = null;
      underWay = waiting != null;
    }
    if (waiting != null) {
      send(waiting);
    }
  }
}
