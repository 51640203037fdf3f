// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.Migration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/** Starts the workers when the service has its tables, stops them with it, and tells how they are. */
final class UnitWorkers implements SmartLifecycle, HealthIndicator {
  private final Migration migration;
  private final List<UnitWorker<?>> workers;
  private volatile boolean running;
  private volatile boolean working;

  UnitWorkers(Migration migration, List<UnitWorker<?>> workers) {
    this.migration = migration;
    this.workers = List.copyOf(workers);
  }

  @Override
  public void start() {
    running = true;
    migration.whenDone(this::begin);
  }

  private synchronized void begin() {
    if (running) {
      workers.forEach(UnitWorker::start);
      working = true;
    }
  }

  @Override
  public synchronized void stop() {
    running = false;
    working = false;
    workers.parallelStream().forEach(UnitWorker::stop);
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return Subscription.PHASE;
  }

  /** Whether Kafka answers. */
  boolean hearKafka() {
    return workers.stream().allMatch(UnitWorker::hearsKafka);
  }

  /** Whether no worker's thread has died, which only a new start of the service mends. */
  boolean areAlive() {
    return !working || workers.stream().allMatch(UnitWorker::isRunning);
  }

  /**
   * Down while a worker does not work or is dead, Kafka does not answer it, or a partition is stopped. Each topic's partitions are shown
   * with their state.
   */
  @Override
  public Health health() {
    boolean up = working;
    var details = new TreeMap<String, Map<Integer, String>>();
    for (var worker : workers) {
      up &= worker.isRunning() && worker.hearsKafka()
          && worker.states().values().stream().noneMatch(state -> state.startsWith("STOPPED"));
      details.put(worker.subscription().topic(), new TreeMap<>(worker.states()));
    }
    return (up ? Health.up() : Health.down()).withDetails(details).build();
  }
}
