// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcTransientException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/**
 * Brings the tables to what this build needs, and does what must be done once in them, on a thread of its own: a database that is away is
 * waited for, without end, by a service that is alive and not ready. Whatever else goes wrong ends the service.
 *
 * <pre>
 * waiting ──database answers──▶ migrating ──▶ done
 *    ▲ │ away                       │
 *    └─┘◀────────connection lost────┤
 *                                   └─any other failure─▶ failed
 * </pre>
 */
public final class Migration implements SmartLifecycle, HealthIndicator {
  private static final Logger LOG = LoggerFactory.getLogger(Migration.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  /** SQLSTATEs: no connection, ended or starting, full, and without the role or the database yet. */
  private static final List<String> AWAY = List.of("08", "57", "53", "28", "3D000");

  private final Flyway flyway;
  private final List<OnceMigrated> steps;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private volatile @Nullable Thread thread;

  Migration(Flyway flyway, List<OnceMigrated> steps) {
    this.flyway = flyway;
    this.steps = List.copyOf(steps);
  }

  /** What is done once the tables are there, before the service is ready. */
  @FunctionalInterface
  public interface OnceMigrated {
    /**
     * Does it, again from its beginning if the database was away.
     *
     * @throws RuntimeException if it cannot be done: the service ends with it, unless it is that the database is away
     */
    void run();
  }

  /** Runs this on the migration's thread as soon as it is done; never if it fails. */
  public void whenDone(Runnable next) {
    var unused = done.thenRun(next);
  }

  /**
   * Waits until it is done.
   *
   * @throws RuntimeException what it failed with
   * @throws CancellationException if the service is stopped before
   */
  void await() {
    try {
      done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void run() {
    try {
      onceItAnswers(flyway::migrate);
      for (var step : steps) {
        onceItAnswers(step::run);
      }
      done.complete(null);
    } catch (InterruptedException stopping) {
      done.cancel(false);
    } catch (RuntimeException | Error e) {
      done.completeExceptionally(e);
    }
  }

  private static void onceItAnswers(Runnable step) throws InterruptedException {
    boolean told = false;
    while (true) {
      try {
        step.run();
        return;
      } catch (RuntimeException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedException();
        }
        if (!isAway(e)) {
          throw e;
        }
        if (!told) {
          LOG.atWarn().addKeyValue("cause", String.valueOf(e.getMessage()).lines().findFirst().orElse(""))
              .log("waiting for the database");
          told = true;
        }
      }
      Thread.sleep(PAUSE);
    }
  }

  private static boolean isAway(Throwable failure) {
    for (@Nullable
    Throwable cause = failure; cause != null; cause = cause.getCause()) {
      // The driver's own, such as for a connection that cannot be had, have no state.
      if (cause instanceof R2dbcNonTransientResourceException || cause instanceof R2dbcTransientException
          || cause instanceof TimeoutException) {
        return true;
      }
      @Nullable
      String state = switch (cause) {
        case SQLException e -> e.getSQLState();
        case R2dbcException e -> e.getSqlState();
        default -> null;
      };
      if (state != null && AWAY.stream().anyMatch(state::startsWith)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Health health() {
    return done.isDone() && !done.isCompletedExceptionally() ? Health.up().build() : Health.outOfService().build();
  }

  @Override
  public void start() {
    thread = Thread.ofPlatform().daemon().name("migration").start(this::run);
  }

  @Override
  public void stop() {
    @Nullable
    Thread stopping = thread;
    thread = null;
    if (stopping != null) {
      stopping.interrupt();
    }
    // Whoever waits is told at once; a connection attempt may take its time.
    done.cancel(false);
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }

  @Override
  public int getPhase() {
    return 0;
  }
}
