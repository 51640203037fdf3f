// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/** Starts and stops the workers with the service, and tells how they are. */
final class UnitWorkers implements SmartLifecycle, HealthIndicator {
  private final List<UnitWorker<?>> workers;
  private volatile boolean running;

  UnitWorkers(List<UnitWorker<?>> workers) {
    this.workers = List.copyOf(workers);
  }

  @Override
  public void start() {
    workers.forEach(UnitWorker::start);
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    workers.parallelStream().forEach(UnitWorker::stop);
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Whether no worker's thread has died, which only a new start of the service mends. */
  boolean areAlive() {
    return !running || workers.stream().allMatch(UnitWorker::isRunning);
  }

  /**
   * Down while a worker is dead, Kafka does not answer it, or a partition is stopped. Each topic's partitions are shown
   * with their state.
   */
  @Override
  public Health health() {
    boolean up = running;
    var details = new TreeMap<String, Map<Integer, String>>();
    for (var worker : workers) {
      up &= worker.isRunning() && worker.hearsKafka()
          && worker.states().values().stream().noneMatch(state -> state.startsWith("STOPPED"));
      details.put(worker.subscription().topic(), new TreeMap<>(worker.states()));
    }
    return (up ? Health.up() : Health.down()).withDetails(details).build();
  }
}
