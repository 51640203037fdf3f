// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.trace.Traces;
import dev.otaverify.kit.unit.UnitOfWork.Share;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works through the partitions of one topic that the consumer group gives to this instance. Its thread polls; what it
 * has read is one unit, or a few beside each other, each of other partitions.
 *
 * <pre>
 *             ┌──────────── failure, or another owner ───────────┐
 *             ▼                                                  │
 * assigned ─▶ CLAIMING ──claimed──▶ WORKING ──unit, unit, …──────┤
 *             │  ▲ retry                                         │
 *             │  └───┘                                           ▼
 *             └──── another topic, bug, offset gone ────────▶ STOPPED until an operator decides
 * </pre>
 */
final class UnitWorker<T> {
  private static final Logger LOG = LoggerFactory.getLogger(UnitWorker.class);
  private static final Duration POLL = Duration.ofMillis(100);
  /** How often Kafka is told where this is: it looks at each partition of each commit, and nothing starts from it. */
  private static final Duration COMMITS = Duration.ofSeconds(1);
  /** Records that are there so soon after a unit came during it. */
  private static final Duration BUSY = Duration.ofMillis(2);
  /** How long records are let come together then, before they are asked for. Every step to a verdict takes so much longer. */
  private static final Duration GATHER = Duration.ofMillis(2);
  /** How long Kafka's client has then to give what it has. */
  private static final Duration REST = Duration.ofMillis(2);
  /** So many records are worth a unit of their own. */
  private static final int ENOUGH = 250;

  private final Subscription<T> subscription;
  private final Consumer<String, byte[]> consumer;
  private final Admin admin;
  private final Database database;
  private final UnitOfWork<T> unitOfWork;
  private final Publisher publisher;
  private final UnitProperties properties;
  private final UnitMetrics metrics;
  private final UnitMetrics.Topic topicMetrics;
  private final Lag lag;
  private final UnitProbe probe;
  private final ExecutorService units;
  private final Thread thread;
  private final Map<TopicPartition, Assigned> assigned = new TreeMap<>(
      (one, other) -> Integer.compare(one.partition(), other.partition()));
  private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
  private long committedAtNanos = System.nanoTime();
  private long workedAtNanos = System.nanoTime();
  private volatile boolean running = true;
  private volatile Map<Integer, String> states = Map.of();

  UnitWorker(Subscription<T> subscription, Consumer<String, byte[]> consumer, Admin admin, Database database,
      Producer<String, byte[]> producer, UnitProperties properties, UnitMetrics metrics, Traces traces,
      UnitProbe probe) {
    this.subscription = subscription;
    this.consumer = consumer;
    this.admin = admin;
    this.database = database;
    this.unitOfWork = new UnitOfWork<>(subscription, database, traces, probe);
    this.publisher = new Publisher(producer, traces);
    this.properties = properties;
    this.metrics = metrics;
    this.topicMetrics = metrics.of(subscription.topic(), () -> states().values());
    this.lag = new Lag(admin, subscription.topic(), topicMetrics, System::nanoTime);
    this.probe = probe;
    this.units = Executors.newFixedThreadPool(properties.parallelism(),
        Thread.ofPlatform().daemon().name(subscription.group() + "-unit-", 0).factory());
    this.thread = Thread.ofPlatform().name(subscription.group() + "-poll").unstarted(this::run);
  }

  /** One partition as the poll loop sees it. Only {@link #owner} is touched by the threads of the units. */
  private final class Assigned {
    final PartitionOwner owner;
    State state = State.CLAIMING;
    int failures;
    long retryAtNanos = System.nanoTime();
    @Nullable
    String reason;

    Assigned(TopicPartition partition) {
      this.owner = new PartitionOwner(partition, database, publisher, probe);
    }
  }

  /** What a partition is doing. */
  enum State {
    CLAIMING, WORKING, STOPPED
  }

  private record Claim(TopicPartition partition, @Nullable Throwable failure) {}

  Subscription<T> subscription() {
    return subscription;
  }

  void start() {
    thread.start();
  }

  /** Lets the units under way finish, leaves the group and returns when all is closed. */
  void stop() {
    running = false;
    if (thread.getState() == Thread.State.NEW) {
      consumer.close();
      return;
    }
    consumer.wakeup();
    try {
      if (!thread.join(properties.transactionLimit().multipliedBy(2))) {
        // Publishing waits for Kafka without end; what is left is in the position row.
        units.shutdownNow();
        thread.interrupt();
      }
      thread.join(properties.transactionLimit());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What each assigned partition is doing: {@code CLAIMING}, {@code WORKING}, or {@code STOPPED: why}. */
  Map<Integer, String> states() {
    return states;
  }

  boolean isRunning() {
    return thread.isAlive();
  }

  /** Whether Kafka has answered lately. */
  boolean hearsKafka() {
    return lag.isAnswered();
  }

  private void run() {
    try (consumer) {
      consumer.subscribe(List.of(subscription.topic()), new Assignment());
      workUntilStopped();
      commit();
    } catch (InterruptException stopping) {
      // as asked
    } finally {
      units.shutdown();
    }
  }

  private void workUntilStopped() {
    try {
      while (running) {
        cycle();
      }
    } catch (WakeupException stopping) {
      // as asked
    }
  }

  private void cycle() {
    try {
      var polled = poll();
      // Before any is claimed: what was read of one that was lost meanwhile is read again from where its row says.
      polled.keySet().removeIf(partition -> !isWorking(partition));
      claimThoseDue();
      work(polled);
      if (System.nanoTime() - committedAtNanos >= COMMITS.toNanos()) {
        commit();
      }
    } catch (OffsetOutOfRangeException gone) {
      gone.offsetOutOfRangePartitions().forEach((partition, offset) -> stop(partition, partition + ": offset " + offset
          + " is not in the topic any more (expected: everything from the stored position on)", gone));
    } catch (WakeupException | InterruptException stopping) {
      throw stopping;
    } catch (KafkaException e) {
      // The client retries by itself; what it throws besides is not worth dying for while Kafka is away.
      LOG.atWarn().setCause(e).addKeyValue("topic", subscription.topic()).log("poll failed");
      pause(properties.firstRetry());
    }
    states = assigned.entrySet().stream().collect(Collectors.toMap(entry -> entry.getKey().partition(),
        entry -> entry.getValue().reason == null
            ? entry.getValue().state.name()
            : "STOPPED: " + entry.getValue().reason));
    lag.update(() -> assigned.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().owner.position())));
  }

  /**
   * What there is to decide on. The client asks for the next records as soon as it has given some, so what it has after a unit is what came
   * first during that, and not the rest. While one unit follows another the rest is waited for, and some more: a unit costs much the same
   * however many records it has.
   */
  private Map<TopicPartition, List<ConsumerRecord<String, byte[]>>> poll() {
    var records = new HashMap<TopicPartition, List<ConsumerRecord<String, byte[]>>>();
    add(consumer.poll(POLL), records);
    // After the poll: what came only while that waited is not held up.
    if (!records.isEmpty() && System.nanoTime() - workedAtNanos < BUSY.toNanos()) {
      pause(GATHER);
      try {
        add(consumer.poll(REST), records);
      } catch (InterruptException stopping) {
        throw stopping;
      } catch (KafkaException e) {
        // The next poll meets it, too. What was given before is not given again.
        LOG.atDebug().setCause(e).log("poll failed");
      }
    }
    return records;
  }

  private static void add(ConsumerRecords<String, byte[]> polled,
      Map<TopicPartition, List<ConsumerRecord<String, byte[]>>> to) {
    polled.partitions().forEach(partition -> to.computeIfAbsent(partition, any -> new ArrayList<>())
        .addAll(polled.records(partition)));
  }

  private boolean isWorking(TopicPartition partition) {
    var one = assigned.get(partition);
    return one != null && one.state == State.WORKING;
  }

  private void claimThoseDue() {
    long now = System.nanoTime();
    var due = assigned.entrySet().stream()
        .filter(entry -> entry.getValue().state == State.CLAIMING && entry.getValue().retryAtNanos - now <= 0).toList();
    if (due.isEmpty()) {
      return;
    }
    try {
      var topic = TopicIdentity.of(admin, subscription.topic());
      var decided = admin.listConsumerGroupOffsets(subscription.group()).partitionsToOffsetAndMetadata().get();
      var claims = due.stream()
          .map(entry -> submit(entry.getKey(), () -> entry.getValue().owner.claim(topic,
              offset(decided.get(entry.getKey())))))
          .toList();
      for (var claim : claims) {
        var done = claim.join();
        var one = assigned.get(done.partition());
        if (one == null) {
          continue;
        }
        if (done.failure() != null) {
          failed(done.partition(), one, done.failure());
          continue;
        }
        consumer.seek(done.partition(), one.owner.position());
        consumer.resume(List.of(done.partition()));
        one.state = State.WORKING;
      }
    } catch (ExecutionException e) {
      due.forEach(entry -> failed(entry.getKey(), entry.getValue(), e.getCause()));
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private void work(Map<TopicPartition, List<ConsumerRecord<String, byte[]>>> polled) {
    if (polled.isEmpty()) {
      return;
    }
    try {
      decide(polled);
    } finally {
      workedAtNanos = System.nanoTime();
    }
  }

  private void decide(Map<TopicPartition, List<ConsumerRecord<String, byte[]>>> polled) {
    var shares = polled.entrySet().stream().map(entry -> {
      var one = Objects.requireNonNull(assigned.get(entry.getKey()));
      return new Share(one.owner, entry.getValue(), one.failures > 0);
    }).toList();
    var running = inParts(shares).stream()
        .map(part -> CompletableFuture.supplyAsync(() -> topicMetrics.unit(() -> unitOfWork.work(part)), units)
            .exceptionally(bug -> part.stream()
                .map(share -> new UnitOfWork.Done(share.owner(), 0, new IllegalStateException(bug.getCause())))
                .toList()))
        .toList();
    for (var unit : running) {
      for (var done : unit.join()) {
        var partition = done.owner().partition();
        var one = Objects.requireNonNull(assigned.get(partition));
        if (done.failure() == null) {
          one.failures = 0;
          uncommitted.put(partition, new OffsetAndMetadata(one.owner.position()));
          topicMetrics.decided(Objects.requireNonNull(polled.get(partition)).size(), done.putAside());
        } else {
          failed(partition, one, done.failure());
        }
      }
    }
  }

  /** For whoever watches the lag, and to know a database that is older. */
  private void commit() {
    committedAtNanos = System.nanoTime();
    if (!uncommitted.isEmpty()) {
      consumer.commitAsync(Map.copyOf(uncommitted), (offsets, failure) -> {});
      uncommitted.clear();
    }
  }

  /** One part, unless there is enough to do for units beside each other. */
  private List<List<Share>> inParts(List<Share> shares) {
    int records = shares.stream().mapToInt(share -> share.records().size()).sum();
    int parts = Math.clamp(records / ENOUGH, 1, properties.parallelism());
    var all = new ArrayList<List<Share>>();
    var part = new ArrayList<Share>();
    int taken = 0;
    for (var share : shares) {
      part.add(share);
      taken += share.records().size();
      if ((long) taken * parts >= (long) records * (all.size() + 1)) {
        all.add(List.copyOf(part));
        part.clear();
      }
    }
    return all;
  }

  private void failed(TopicPartition partition, Assigned one, @Nullable Throwable failure) {
    var cause = failure == null ? new IllegalStateException("failure: null") : failure;
    var fault = Fault.of(cause);
    topicMetrics.failure(fault);
    consumer.pause(List.of(partition));
    switch (fault) {
      case STOP, RECORD -> stop(partition, String.valueOf(cause.getMessage()), cause);
      case LOST -> {
        one.state = State.CLAIMING;
        one.retryAtNanos = System.nanoTime();
      }
      case SYSTEM -> {
        one.failures++;
        var pause = retryPause(one.failures);
        LOG.atWarn().addKeyValue("topic", partition.topic()).addKeyValue("partition", partition.partition())
            .addKeyValue("failures", one.failures).addKeyValue("retryIn", pause).addKeyValue("cause", cause.toString())
            .log("unit failed, will claim again");
        one.state = State.CLAIMING;
        one.retryAtNanos = System.nanoTime() + pause.toNanos();
      }
    }
  }

  private void stop(TopicPartition partition, String reason, Throwable cause) {
    LOG.atError().setCause(cause).addKeyValue("topic", partition.topic())
        .addKeyValue("partition", partition.partition()).addKeyValue("reason", reason)
        .log("partition stopped until an operator decides");
    var one = assigned.get(partition);
    if (one != null) {
      one.state = State.STOPPED;
      one.reason = reason;
      consumer.pause(List.of(partition));
    }
  }

  private Duration retryPause(int failures) {
    var doubled = properties.firstRetry().multipliedBy(1L << Math.min(failures - 1, 20));
    return doubled.compareTo(properties.longestRetry()) < 0 ? doubled : properties.longestRetry();
  }

  private CompletableFuture<Claim> submit(TopicPartition partition, Runnable work) {
    return CompletableFuture.runAsync(work, units)
        .handle((nothing, failure) -> new Claim(partition, failure == null ? null : failure.getCause()));
  }

  private static long offset(@Nullable OffsetAndMetadata committed) {
    return committed == null ? 0 : committed.offset();
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private final class Assignment implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      for (var partition : partitions) {
        assigned.put(partition, new Assigned(partition));
        // Claimed outside of this callback, since the database may keep it waiting. Until then the partition is paused,
        // at any offset, so that the consumer does not ask for a committed one.
        consumer.seek(partition, 0);
      }
      consumer.pause(partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      for (var partition : partitions) {
        assigned.remove(partition);
        uncommitted.remove(partition);
        metrics.revoked(partition);
      }
    }
  }
}
