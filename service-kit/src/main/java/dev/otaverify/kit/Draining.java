// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * The first part of a stop: {@code /readyz} says no already, and for a while all else goes on as ever, so that whoever balances over the
 * instances takes notice before a connection is refused. Connections are told to end with their next answer. After that the web server
 * takes no more, and waits for the calls that it has.
 */
final class Draining implements SmartLifecycle, WebFilter {
  private static final Logger LOG = LoggerFactory.getLogger(Draining.class);

  private final Duration time;
  private volatile boolean running;
  private volatile boolean draining;

  /** @param time how long it takes; zero if nobody balances */
  Draining(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("ota.drain: " + time + " (expected: 0s or more)");
    }
    this.time = time;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    if (draining) {
      exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
    }
    return chain.filter(exchange);
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    draining = true;
    if (time.isZero()) {
      return;
    }
    LOG.atInfo().addKeyValue("time", time).log("stopping, still answering");
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before anything else is stopped. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }
}
