// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.SmartLifecycle;

/**
 * The answer of {@code /readyz} as a gauge. Found out every few seconds on a thread of its own, and not at a scrape: with
 * the database away it takes as long as a connection is waited for.
 */
final class Readiness implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  private final HealthEndpoint health;
  private volatile boolean ready;
  private volatile @Nullable Thread thread;

  Readiness(HealthEndpoint health, MeterRegistry registry) {
    this.health = health;
    Gauge.builder("ota.ready", () -> ready ? 1 : 0).description("Whether /readyz says so: 1 or 0").register(registry);
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        ready = isReady();
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException stopping) {
      ready = false;
    }
  }

  private boolean isReady() {
    try {
      var found = health.healthForPath("readiness");
      return found != null && found.getStatus().equals(Status.UP);
    } catch (RuntimeException e) {
      // Whoever cannot say how he is is not well.
      if (!Thread.currentThread().isInterrupted() && thread != null) {
        LOG.atWarn().addKeyValue("cause", e.toString()).log("readiness not found out");
      }
      return false;
    }
  }

  @Override
  public void start() {
    thread = Thread.ofVirtual().name("readiness").start(this::run);
  }

  @Override
  public void stop() {
    @Nullable
    Thread stopping = thread;
    thread = null;
    if (stopping != null) {
      stopping.interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }
}
