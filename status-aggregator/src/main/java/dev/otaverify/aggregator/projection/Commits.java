// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Wakes whoever waits for rows to change. Only a hint: what another replica reads wakes nobody here. */
@Component
public class Commits {
  private volatile Sinks.Empty<Void> next = Sinks.empty();

  /** Completes after the next commit from now, so it is asked for before the rows are read. */
  public Mono<Void> next() {
    return next.asMono();
  }

  void announce() {
    var waiting = exchange();
    waiting.tryEmitEmpty();
  }

  private synchronized Sinks.Empty<Void> exchange() {
    var waiting = next;
    next = Sinks.empty();
    return waiting;
  }
}
