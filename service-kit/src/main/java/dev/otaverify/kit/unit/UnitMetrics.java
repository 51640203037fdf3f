// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/**
 * What units do and how they stand, as {@code ota.unit.*} by topic; docs/OBSERVABILITY.md has the list. As a probe it
 * notes since when output is committed and not published yet.
 */
final class UnitMetrics implements UnitProbe {
  private static final Duration[] BUCKETS = {Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(250),
      Duration.ofSeconds(1), Duration.ofSeconds(5)};

  private final MeterRegistry registry;
  private final Map<TopicPartition, Long> pendingSinceNanos = new ConcurrentHashMap<>();

  UnitMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** The meters of one topic. All are there from the start, at zero, so that the first increase is seen as one. */
  Topic of(String topic, Supplier<Collection<String>> states) {
    return new Topic(topic, states);
  }

  final class Topic {
    private final Timer duration;
    private final Counter records;
    private final Counter deadLetters;
    private final Map<Fault, Counter> failures = new EnumMap<>(Fault.class);
    private final MultiGauge lag;

    private Topic(String topic, Supplier<Collection<String>> states) {
      var tags = Tags.of("topic", topic);
      duration = Timer.builder("ota.unit.duration").tags(tags)
          .description("Units of work: records of one poll, from reading to published output")
          .serviceLevelObjectives(BUCKETS).register(registry);
      records = Counter.builder("ota.unit.records").tags(tags).baseUnit("records")
          .description("Records decided on").register(registry);
      deadLetters = Counter.builder("ota.unit.dead.letters").tags(tags)
          .description("Records from outside that could not be decided on and were put aside").register(registry);
      for (var fault : Fault.values()) {
        failures.put(fault, Counter.builder("ota.unit.failures").tags(tags)
            .tag("fault", fault.name().toLowerCase(Locale.ROOT))
            .description("Units and claims that failed, by whose fault it was").register(registry));
      }
      for (var state : UnitWorker.State.values()) {
        Gauge.builder("ota.unit.partitions", () -> count(states.get(), state)).tags(tags)
            .tag("state", state.name().toLowerCase(Locale.ROOT))
            .description("Partitions that this instance owns, by what they are doing").register(registry);
      }
      TimeGauge.builder("ota.unit.pending.age", () -> pendingAgeNanos(topic), TimeUnit.NANOSECONDS).tags(tags)
          .description("How long the oldest output of this instance has been committed and not published; 0 if none is")
          .register(registry);
      lag = MultiGauge.builder("ota.unit.lag").tags(tags).baseUnit("records")
          .description("Records behind the end of each partition that this instance owns").register(registry);
    }

    <R> R unit(Supplier<R> work) {
      return duration.record(work);
    }

    void decided(int size, int putAside) {
      records.increment(size);
      deadLetters.increment(putAside);
    }

    void failure(Fault fault) {
      var counter = failures.get(fault);
      if (counter != null) {
        counter.increment();
      }
    }

    void lag(Map<Integer, Long> byPartition) {
      lag.register(byPartition.entrySet().stream().<MultiGauge.Row<?>>map(entry -> MultiGauge.Row
          .of(Tags.of(Tag.of("partition", Integer.toString(entry.getKey()))), entry.getValue())).toList(), true);
    }
  }

  @Override
  public void reached(Point point, TopicPartition partition) {
    switch (point) {
      // The row may hold the output of a former owner.
      case CLAIMED, COMMITTED -> pendingSinceNanos.putIfAbsent(partition, System.nanoTime());
      case PENDING_PUBLISHED, SECOND_STEP_PUBLISHED -> pendingSinceNanos.remove(partition);
      case TRANSACTION_BEGUN, DECIDED, COMMITTING, FIRST_STEP_PUBLISHED -> {
      }
    }
  }

  /** What is pending there is another instance's now. */
  void revoked(TopicPartition partition) {
    pendingSinceNanos.remove(partition);
  }

  private long pendingAgeNanos(String topic) {
    long now = System.nanoTime();
    return pendingSinceNanos.entrySet().stream().filter(entry -> entry.getKey().topic().equals(topic))
        .mapToLong(entry -> now - entry.getValue()).max().orElse(0);
  }

  private static double count(Collection<String> states, UnitWorker.State state) {
    return states.stream().filter(one -> one.startsWith(state.name())).count();
  }
}
