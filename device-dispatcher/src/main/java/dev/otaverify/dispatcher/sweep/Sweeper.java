// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.sweep;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.unit.Subscription;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Writes what is due into the devices' logs, behind whatever Kafka already has of them. It decides nothing: what it
 * writes is judged like any input, against the state it meets, so it may be written by several instances and more than
 * once. Its own thread; the clock is the database's.
 */
final class Sweeper implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
  private static final String PAGE = """
                                     select task_id, product_key, device_name, %1$s, transaction_timestamp() from device_task
                                     where %1$s <= transaction_timestamp() and (%1$s, task_id) > (?, ?)
                                     order by %1$s, task_id limit ?""";

  /** Of all that is due, to find what came due behind what was seen: a unit may commit late. */
  private static final int LOOKS_BEFORE_RESEND = 5;

  private final Database database;
  private final Producer<String, byte[]> producer;
  private final SweeperProperties properties;
  private final Map<Due.Kind, Counter> counters = new EnumMap<>(Due.Kind.class);
  private final Map<Due.Kind, Duration> overdue = new ConcurrentHashMap<>();
  private volatile long lookedAtNanos = System.nanoTime();
  private final Written written;
  private final Map<Due.Kind, Place> reached = new EnumMap<>(Due.Kind.class);
  private long allAtNanos = System.nanoTime();
  private final ConcurrentLinkedQueue<String> unwritten = new ConcurrentLinkedQueue<>();
  private @Nullable Thread thread;

  /** In the order that what is due is looked at. */
  private record Place(Instant dueAt, String taskId) {
    static final Place FIRST = new Place(Instant.EPOCH, "");
  }

  Sweeper(Database database, Producer<String, byte[]> producer, SweeperProperties properties,
      MeterRegistry registry) {
    this.database = database;
    this.producer = producer;
    this.properties = properties;
    this.written = new Written(properties.firstResend(), properties.longestResend());
    for (var kind : Due.Kind.values()) {
      var label = kind.name().toLowerCase(Locale.ROOT);
      counters.put(kind, Counter.builder("ota.sweeper.written").tag("kind", label)
          .description("Inputs written for what was due; one that is not decided on is written again")
          .register(registry));
      TimeGauge.builder("ota.sweeper.overdue", () -> overdue.getOrDefault(kind, Duration.ZERO).toNanos(),
          TimeUnit.NANOSECONDS).tag("kind", label)
          .description("How long the oldest due thing that the last look found is due; 0 if none was")
          .register(registry);
    }
    TimeGauge.builder("ota.sweeper.look.age", () -> System.nanoTime() - lookedAtNanos, TimeUnit.NANOSECONDS)
        .description("Time since the sweeper last looked at all that is due").register(registry);
  }

  /**
   * One look: at what has come due since the last one, and now and then, or if something was not written, at all that is due. Blocks until it
   * is handed to the producer.
   */
  void sweep() {
    long now = System.nanoTime();
    boolean all = now - allAtNanos >= 0;
    for (@Nullable
    String id = unwritten.poll(); id != null; id = unwritten.poll()) {
      written.forget(id);
      all = true;
    }
    // Deadlines first: they are promised to the second.
    sweep(Due.Kind.DEADLINE, PAGE.formatted("deadline_at"), all, now);
    sweep(Due.Kind.PUSH, PAGE.formatted("next_push_at"), all, now);
    if (all) {
      written.forgetOld(now);
      allAtNanos = now + properties.firstResend().dividedBy(LOOKS_BEFORE_RESEND).toNanos();
      lookedAtNanos = System.nanoTime();
    }
  }

  private void sweep(Due.Kind kind, String sql, boolean all, long now) {
    var from = all ? Place.FIRST : reached.getOrDefault(kind, Place.FIRST);
    var oldest = Duration.ZERO;
    List<Due> page;
    do {
      page = read(kind, sql, from);
      for (var due : page) {
        if (written.isDue(due.id(), now)) {
          write(due);
        }
        if (oldest.isZero()) {
          oldest = Duration.between(due.dueAt(), due.now());
        }
        from = new Place(due.dueAt(), due.taskId().value());
      }
    } while (page.size() == properties.pageSize());
    reached.put(kind, from);
    if (all) {
      overdue.put(kind, oldest);
    }
  }

  private List<Due> read(Due.Kind kind, String sql, Place after) {
    return database.transaction(open -> open.query(row -> new Due(kind, new TaskId(row.getString(1)),
        new ProductKey(row.getString(2)), new DeviceName(row.getString(3)),
        row.getObject(4, OffsetDateTime.class).toInstant(), row.getObject(5, OffsetDateTime.class).toInstant()), sql,
        after.dueAt(), after.taskId(), properties.pageSize()));
  }

  private void write(Due due) {
    var encoded = Wire.encode(due.message());
    var unused = producer.send(KafkaRecords.record(Topics.DEVICE_INPUTS, null, due.device().key(), encoded.headers(),
        encoded.value().getBytes(StandardCharsets.UTF_8)), (metadata, failure) -> {
          if (failure != null) {
            unwritten.add(due.id());
            LOG.atWarn().addKeyValue("taskId", due.taskId()).addKeyValue("cause", failure.toString())
                .log("due input not written");
          }
        });
    Objects.requireNonNull(counters.get(due.kind())).increment();
  }

  private void run() {
    boolean failing = false;
    while (!Thread.currentThread().isInterrupted()) {
      try {
        sweep();
        failing = false;
      } catch (RuntimeException e) {
        // The database or Kafka is away: the next look finds the same rows. Told once, not at every look.
        if (!failing && !Thread.currentThread().isInterrupted()) {
          LOG.atWarn().addKeyValue("cause", e.toString()).log("sweep failed");
        }
        failing = true;
      }
      try {
        Thread.sleep(properties.interval());
      } catch (InterruptedException stopping) {
        return;
      }
    }
  }

  @Override
  public void start() {
    thread = Thread.ofPlatform().daemon().name("sweeper").start(this::run);
  }

  @Override
  public void stop() {
    @Nullable
    Thread stopping = thread;
    thread = null;
    if (stopping != null) {
      stopping.interrupt();
      try {
        var unused = stopping.join(Duration.ofSeconds(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }

  /** With the units: what it writes is for them. */
  @Override
  public int getPhase() {
    return Subscription.PHASE;
  }
}
