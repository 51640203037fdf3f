// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Runs the clean-up from time to time, as long as the gateway runs. */
final class CleanUpTimer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CleanUpTimer.class);

  private final Disposable timer;

  CleanUpTimer(CleanUp cleanUp, Duration interval) {
    // Gateways that are started together need not look at the same time.
    var first = Duration.ofMillis(ThreadLocalRandom.current().nextLong(interval.toMillis()) + 1);
    timer = Flux.interval(first, interval).onBackpressureDrop()
        .concatMap(tick -> cleanUp.run().onErrorResume(error -> {
          LOG.atWarn().log("Unused files were not all removed: {}", error.toString());
          return Mono.empty();
        })).subscribe();
  }

  @Override
  public void close() {
    timer.dispose();
  }
}
