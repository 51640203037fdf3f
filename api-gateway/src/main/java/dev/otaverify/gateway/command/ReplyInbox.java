// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.command;

import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.UnreadableMessageException;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/**
 * Reads this gateway's partition of the replies, on a thread of its own. It is ready once it knows where the partition
 * ends: a command sent earlier could be answered where nobody reads.
 */
public final class ReplyInbox implements SmartLifecycle, HealthIndicator {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyInbox.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final long BACK_OFF_MILLIS = 1000;

  private final GatewayInstance instance;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final ReplyWaiters waiters;
  private final Counter unreadable;
  private final Counter unclaimed;
  private volatile boolean ready;
  private volatile boolean connected;
  private volatile @Nullable Run run;

  ReplyInbox(GatewayInstance instance, Supplier<Consumer<String, byte[]>> consumers, ReplyWaiters waiters,
      MeterRegistry meters) {
    this.instance = instance;
    this.consumers = consumers;
    this.waiters = waiters;
    this.unreadable = dropped(meters, "unreadable");
    this.unclaimed = dropped(meters, "unclaimed");
  }

  private static Counter dropped(MeterRegistry meters, String reason) {
    return Counter.builder("ota.gateway.replies.dropped").tag("reason", reason)
        .description("Replies that nobody got: not readable, or nobody waits for them any more").register(meters);
  }

  boolean isReady() {
    return ready;
  }

  /** Out of service until it knows where its partition ends, and while it has no connection to Kafka. */
  @Override
  public Health health() {
    var health = ready && connected ? Health.up() : Health.outOfService();
    return health.withDetail("partition", instance.replyPartition()).build();
  }

  @Override
  public synchronized void start() {
    if (run == null) {
      var started = new Run();
      run = started;
      Thread.ofPlatform().name("reply-inbox").daemon().start(started);
    }
  }

  @Override
  public synchronized void stop() {
    @Nullable
    Run stopped = run;
    if (stopped != null) {
      stopped.stop();
      run = null;
    }
  }

  @Override
  public boolean isRunning() {
    return run != null;
  }

  @Override
  public int getPhase() {
    // Before the web server takes requests, and after it has finished the last.
    return 0;
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    try {
      var message = Wire.decode(KafkaRecords.textOf(record.headers()), record.value(), Reply.class);
      var address = message.extensions().getOrDefault("replyinstance", "");
      // Another gateway may read the same partition.
      if (address.startsWith(instance.name()) && !waiters.complete(message.data(), address)) {
        unclaimed.increment();
      }
    } catch (UnreadableMessageException e) {
      unreadable.increment();
      LOG.atWarn().addKeyValue("topic", record.topic()).addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset()).log("Reply is unreadable: {}", e.getMessage());
    }
  }

  /** The thread from a start to its stop. */
  private final class Run implements Runnable {
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Consumer<String, byte[]> consumer;

    @Override
    public void run() {
      try {
        while (stopped.getCount() > 0) {
          readUntilBroken();
        }
      } finally {
        ended.countDown();
      }
    }

    private void readUntilBroken() {
      try (var current = consumers.get()) {
        consumer = current;
        var partition = new TopicPartition(Topics.REPLIES, instance.replyPartition());
        current.assign(List.of(partition));
        current.seekToEnd(List.of(partition));
        // Seeking is lazy; this waits until the end is known.
        current.position(partition);
        connected = true;
        ready = true;
        var connections = connections(current);
        while (stopped.getCount() > 0) {
          current.poll(POLL).forEach(ReplyInbox.this::take);
          connected = connections.metricValue() instanceof Double count && count > 0;
        }
      } catch (WakeupException stop) {
        // Only stop() wakes it.
      } catch (RuntimeException e) {
        LOG.atWarn().addKeyValue("topic", Topics.REPLIES).addKeyValue("partition", instance.replyPartition())
            .log("Replies cannot be read, tried again: {}", e.getMessage());
        pause();
      } finally {
        ready = false;
        consumer = null;
      }
    }

    /** The client connects again by itself, and says nothing of it: only its own count tells whether Kafka is there. */
    private static Metric connections(Consumer<String, byte[]> consumer) {
      return consumer.metrics().entrySet().stream()
          .filter(metric -> metric.getKey().name().equals("connection-count")
              && metric.getKey().group().equals("consumer-metrics"))
          .map(Map.Entry::getValue).findFirst().orElseThrow();
    }

    private void pause() {
      try {
        if (stopped.await(BACK_OFF_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        stopped.countDown();
      }
    }

    void stop() {
      stopped.countDown();
      @Nullable
      Consumer<String, byte[]> current = consumer;
      if (current != null) {
        current.wakeup();
      }
      try {
        if (!ended.await(10, TimeUnit.SECONDS)) {
          LOG.atWarn().log("The reader of replies did not end in time");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
