// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.trace.Traces;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;

/**
 * Folds topics into a database that nobody else works on, with the same units as ever, and publishes nothing. It is in no consumer group and
 * commits no offsets: nobody notices. Killed, it goes on at the stored positions when it is run again. A worker that is started on the
 * database later goes on there too, and first publishes what the log did not show to have been published.
 */
public final class Refold implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final List<Subscription<?>> subscriptions;
  private final Database database;
  private final KafkaProperties kafka;
  private final UnitProperties properties;
  private final Admin admin;

  /** @param subscriptions must read back, in the same partition, what they write in the second step */
  public Refold(Collection<Subscription<?>> subscriptions, Database database, KafkaProperties kafka,
      UnitProperties properties) {
    this.subscriptions = List.copyOf(subscriptions);
    this.database = database;
    this.kafka = kafka;
    this.properties = properties;
    this.admin = Admin.create(kafka.buildAdminProperties());
  }

  /**
   * Folds up to where the topics end now.
   *
   * @return the positions reached
   * @throws IllegalStateException if a topic has lost what is needed, is another one than before, or holds what cannot be folded
   * @throws KafkaException if Kafka does not answer
   */
  public Map<TopicPartition, Long> toTheEnd() {
    return to(Map.of());
  }

  /** The same, up to these offsets; partitions without one to their ends. */
  public Map<TopicPartition, Long> to(Map<TopicPartition, Long> offsets) {
    var reached = new HashMap<TopicPartition, Long>();
    subscriptions.forEach(subscription -> reached.putAll(fold(subscription, offsets)));
    return reached;
  }

  private <T> Map<TopicPartition, Long> fold(Subscription<T> subscription, Map<TopicPartition, Long> offsets) {
    var topic = identity(subscription.topic());
    var partitions = IntStream.range(0, topic.partitions())
        .mapToObj(partition -> new TopicPartition(subscription.topic(), partition)).toList();
    try (var consumer = UnitOfWorkConfiguration.consumer(kafka.buildConsumerProperties(),
        subscription.group() + "-refold",
        properties)) {
      consumer.assign(partitions);
      var ends = consumer.endOffsets(partitions);
      var begins = consumer.beginningOffsets(partitions);
      var units = new UnitOfWork<>(subscription, database, Traces.NONE, UnitProbe.NONE);
      var owners = new HashMap<TopicPartition, PartitionOwner>();
      for (var partition : partitions) {
        var owner = new PartitionOwner(partition, database, new Withheld(), UnitProbe.NONE);
        owner.claim(topic, 0);
        if (begins.getOrDefault(partition, 0L) > owner.position()) {
          throw new StoppedPartitionException(
              "%s: begins at offset %d (expected: at or before %d; what was deleted cannot be folded)"
                  .formatted(partition, begins.get(partition), owner.position()));
        }
        owners.put(partition, owner);
        consumer.seek(partition, owner.position());
      }
      var open = new HashSet<TopicPartition>(partitions);
      while (true) {
        open.removeIf(partition -> consumer.position(partition) >= end(partition, offsets, ends));
        if (open.isEmpty()) {
          return owners.entrySet().stream()
              .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().position()));
        }
        consumer.pause(partitions.stream().filter(partition -> !open.contains(partition)).toList());
        var polled = consumer.poll(POLL);
        var shares = polled.partitions().stream().map(partition -> {
          long end = end(partition, offsets, ends);
          return new UnitOfWork.Share(Objects.requireNonNull(owners.get(partition)),
              polled.records(partition).stream().filter(record -> record.offset() < end).toList(), false);
        }).toList();
        for (var done : units.work(shares)) {
          if (done.failure() != null) {
            throw done.failure();
          }
        }
      }
    }
  }

  private static long end(TopicPartition partition, Map<TopicPartition, Long> offsets, Map<TopicPartition, Long> ends) {
    return offsets.getOrDefault(partition, ends.getOrDefault(partition, 0L));
  }

  private TopicIdentity identity(String topic) {
    try {
      return TopicIdentity.of(admin, topic);
    } catch (ExecutionException e) {
      throw new KafkaException("topic: " + topic + " (expected: one that Kafka describes)", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
