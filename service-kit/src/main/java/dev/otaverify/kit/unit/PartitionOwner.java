// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.UnreadableMessageException;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.trace.Traces;
import dev.otaverify.kit.unit.UnitProbe.Point;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One partition while this instance owns it. Its methods block the caller's thread, never an event loop.
 *
 * <pre>
 * claim()  raise the epoch in the position row, which waits out and bars the former owner
 *          publish what the row still has pending
 * work()   one transaction:  row locked, if epoch and position are still mine
 *                            decided, changed rows written
 *                            position and pending output stored
 *          after the commit: first step published, acknowledged; second step published, acknowledged; effects
 * </pre>
 *
 * After a failure that is not a record's fault the only way on is {@link #claim}: the row alone says whether the commit
 * went through.
 */
final class PartitionOwner<T> {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionOwner.class);
  // Kafka's default limit of a record is 1 MiB with headers; more than this can never be published.
  private static final int LARGEST_VALUE = 900_000;
  // What Kafka's headers may take of the reason.
  private static final int LONGEST_REASON = 1_000;

  private final Subscription<T> subscription;
  private final TopicPartition partition;
  private final ConnectionFactory database;
  private final Outlet outlet;
  private final Duration limit;
  private final Traces traces;
  private final UnitProbe probe;
  private long epoch = -1;
  /** Below it the records were decided on before, and the database does not know: it was restored from a back-up. */
  private long decidedBefore;
  private long position = -1;

  PartitionOwner(Subscription<T> subscription, TopicPartition partition, ConnectionFactory database,
      Outlet outlet, Duration limit, Traces traces, UnitProbe probe) {
    this.subscription = subscription;
    this.partition = partition;
    this.database = database;
    this.outlet = outlet;
    this.limit = limit;
    this.traces = traces;
    this.probe = probe;
  }

  private record Row(long epoch, long position, String topicId, int partitionCount, List<Outgoing> pending) {}

  private record Committed(long position, Output output) {}

  /**
   * Takes the partition over and publishes what its last owner still had to.
   *
   * @param decided how far the consumer group had come, as Kafka knows it; 0 if it does not. A position below it is that of a database older
   *   than Kafka: what is between is decided on again, one by one as of the time that it was written, so that the same follows from it
   * @return the offset to go on at
   * @throws StoppedPartitionException if the position belongs to another topic
   */
  long claim(TopicIdentity topic, long decided) {
    var row = await(inConnection(connection -> Mono
        .from(connection
            .createStatement(
                """
                insert into consumer_position as mine (topic, partition, topic_id, partition_count, epoch, position)
                values ($1, $2, $3, $4, 1, 0)
                on conflict (topic, partition) do update set epoch = mine.epoch + 1
                returning epoch, position, topic_id, partition_count, pending""")
            .bind(0, partition.topic())
            .bind(1, partition.partition()).bind(2, topic.id()).bind(3, topic.partitions()).execute())
        .flatMap(result -> Mono.from(result.map((r, metadata) -> new Row(required(r.get(0, Long.class)),
            required(r.get(1, Long.class)), required(r.get(2, String.class)), required(r.get(3, Integer.class)),
            PendingOutput.ofBytes(r.get(4, byte[].class))))))));
    if (!row.topicId().equals(topic.id()) || row.partitionCount() != topic.partitions()) {
      throw new StoppedPartitionException("%s: topic id %s with %d partitions (expected: %s with %d, as stored)"
          .formatted(partition, topic.id(), topic.partitions(), row.topicId(), row.partitionCount()));
    }
    epoch = row.epoch();
    position = row.position();
    decidedBefore = decided;
    if (position < decided) {
      LOG.atWarn().addKeyValue("topic", partition.topic()).addKeyValue("partition", partition.partition())
          .addKeyValue("position", position).addKeyValue("decidedBefore", decided)
          .log("the database is older than Kafka: records are decided on again");
    }
    reached(Point.CLAIMED);
    publish(row.pending());
    reached(Point.PENDING_PUBLISHED);
    LOG.atInfo().addKeyValue("topic", partition.topic()).addKeyValue("partition", partition.partition())
        .addKeyValue("epoch", epoch).addKeyValue("position", position).log("partition claimed");
    return position;
  }

  /** The offset of the next record to decide on. */
  long position() {
    return position;
  }

  /**
   * Decides on these records, in one unit if it can be, else one by one so that only a record at fault is put aside.
   *
   * @return how many were put aside
   */
  int work(List<ConsumerRecord<String, byte[]>> polled) {
    var records = polled.stream().filter(record -> record.offset() >= position).toList();
    var again = records.stream().filter(this::isDecidedBefore).toList();
    var first = records.subList(again.size(), records.size());
    int putAside = oneByOne(again);
    if (first.isEmpty()) {
      return putAside;
    }
    try {
      unit(first);
      return putAside;
    } catch (RuntimeException failure) {
      if (Fault.of(failure) != Fault.RECORD) {
        throw failure;
      }
    }
    // What is a record's fault was found before the commit, so nothing has changed and the partition is still owned.
    return putAside + oneByOne(first);
  }

  private boolean isDecidedBefore(ConsumerRecord<String, byte[]> record) {
    return record.offset() < decidedBefore;
  }

  private int oneByOne(List<ConsumerRecord<String, byte[]>> records) {
    int putAside = 0;
    for (var record : records) {
      if (record.offset() < position) {
        continue;
      }
      try {
        unit(List.of(record));
      } catch (RuntimeException failure) {
        if (Fault.of(failure) != Fault.RECORD) {
          throw failure;
        }
        putAside(record, failure);
        putAside++;
      }
    }
    return putAside;
  }

  private void unit(List<ConsumerRecord<String, byte[]>> records) {
    transact(records, transaction -> {
      var batch = new ArrayList<Incoming<T>>(records.size());
      for (var record : records) {
        batch.add(read(record, transaction.spans()));
      }
      return subscription.handler().handle(transaction, batch);
    });
  }

  private void putAside(ConsumerRecord<String, byte[]> record, RuntimeException failure) {
    var headers = KafkaRecords.textOf(record.headers());
    var at = partition + "@" + record.offset();
    if (!Source.isOutside(headers.getOrDefault("ce_source", ""))) {
      throw new StoppedPartitionException(at + ": our own message cannot be decided on: " + failure.getMessage(),
          failure);
    }
    var reason = shortened(String.valueOf(failure.getMessage()));
    LOG.atWarn().addKeyValue("topic", partition.topic()).addKeyValue("partition", partition.partition())
        .addKeyValue("offset", record.offset()).addKeyValue("reason", reason).log("record put aside");
    var dead = new DeadRecord(partition.topic(), partition.partition(), record.offset(), record.key(), headers, reason);
    var withReason = new HashMap<>(headers);
    withReason.put("dlt_reason", reason);
    withReason.put("dlt_topic", partition.topic());
    withReason.put("dlt_partition", Integer.toString(partition.partition()));
    withReason.put("dlt_offset", Long.toString(record.offset()));
    transact(List.of(record), transaction -> {
      var output = new ArrayList<>(List.of(new Outgoing(Step.FIRST, Topics.deadLetters(partition.topic()),
          partition.partition(), record.key(), withReason, record.value())));
      output.addAll(subscription.handler().onDeadLetter(dead));
      return Mono.just(Output.of(output));
    });
  }

  private void transact(List<ConsumerRecord<String, byte[]>> records,
      Function<Transaction, Mono<Output>> decide) {
    var spans = new UnitSpans(traces, subscription.group());
    try {
      transact(records, decide, spans);
      spans.end(null);
    } catch (RuntimeException failure) {
      spans.end(failure);
      throw failure;
    }
  }

  private void transact(List<ConsumerRecord<String, byte[]>> records, Function<Transaction, Mono<Output>> decide,
      UnitSpans spans) {
    long next = records.getLast().offset() + 1;
    boolean again = isDecidedBefore(records.getFirst());
    var committed = await(
        inConnection(connection -> Mono.from(connection.beginTransaction()).then(lockRow(connection))
            .map(now -> again ? earlier(now, Instant.ofEpochMilli(records.getFirst().timestamp())) : now)
            .doOnNext(now -> reached(Point.TRANSACTION_BEGUN))
            .flatMap(now -> Mono.defer(() -> decide.apply(new Transaction(new Sql(connection), now, again, spans))))
            .switchIfEmpty(
                Mono.error(() -> new IllegalStateException("output: none (expected: one, if only Output.NONE)")))
            .doOnNext(output -> reached(Point.DECIDED))
            .map(output -> outlet.toStore(records, output))
            .flatMap(
                output -> store(connection, next, checked(output.records())).thenReturn(new Committed(next, output)))
            .doOnNext(stored -> reached(Point.OUTPUT_STORED))
            .delayUntil(stored -> connection.commitTransaction())));
    position = committed.position();
    reached(Point.COMMITTED);
    publish(committed.output().records());
    if (again) {
      // They were had, and what they did is long past.
      return;
    }
    for (var effect : committed.output().effects()) {
      run(effect);
    }
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private Mono<Instant> lockRow(Connection connection) {
    return Mono
        .from(connection
            .createStatement("""
                             select transaction_timestamp() from consumer_position
                             where topic = $1 and partition = $2 and epoch = $3 and position = $4 for update""")
            .bind(0, partition.topic())
            .bind(1, partition.partition()).bind(2, epoch).bind(3, position).execute())
        .flatMap(result -> Mono.from(result.map((row, metadata) -> required(row.get(0, Instant.class)))))
        .switchIfEmpty(Mono.error(() -> new LostOwnershipException(partition, epoch, position)));
  }

  private Mono<Long> store(Connection connection, long next, List<Outgoing> records) {
    var statement = connection
        .createStatement("update consumer_position set position = $3, pending = $4 where topic = $1 and partition = $2")
        .bind(0, partition.topic()).bind(1, partition.partition()).bind(2, next);
    var pending = PendingOutput.toBytes(records);
    return Flux.from((pending == null ? statement.bindNull(3, byte[].class) : statement.bind(3, pending)).execute())
        .flatMap(result -> result.getRowsUpdated()).reduce(0L, Long::sum);
  }

  private void publish(List<Outgoing> records) {
    outlet.publish(Step.FIRST, records);
    reached(Point.FIRST_STEP_PUBLISHED);
    outlet.publish(Step.SECOND, records);
    reached(Point.SECOND_STEP_PUBLISHED);
  }

  private Incoming<T> read(ConsumerRecord<String, byte[]> record, UnitSpans spans) {
    var headers = KafkaRecords.textOf(record.headers());
    if (record.key() == null) {
      throw new UndecidableException(
          "key: null (expected: the key of a " + subscription.family().getSimpleName() + ")");
    }
    try {
      return new Incoming<>(Wire.decode(headers, record.value(), subscription.family()), record.key(), record.topic(),
          record.partition(), record.offset(),
          spans.begin(record.topic(), record.partition(), record.offset(), headers));
    } catch (UnreadableMessageException e) {
      throw new UndecidableException(String.valueOf(e.getMessage()), e);
    }
  }

  private static List<Outgoing> checked(List<Outgoing> records) {
    for (var outgoing : records) {
      if (outgoing.value() != null && outgoing.value().length > LARGEST_VALUE) {
        throw new UndecidableException("output: %d bytes to %s (expected: %d at most)"
            .formatted(outgoing.value().length, outgoing.topic(), LARGEST_VALUE));
      }
    }
    return records;
  }

  private void run(Runnable effect) {
    try {
      effect.run();
    } catch (RuntimeException e) {
      // An effect may be lost, in a crash or here; whoever decided on it has arranged for a second chance.
      LOG.atWarn().setCause(e).addKeyValue("topic", partition.topic()).log("effect failed");
    }
  }

  private <R> Mono<R> inConnection(Function<Connection, Mono<R>> work) {
    return Mono.usingWhen(database.create(), work, Connection::close,
        (connection, failure) -> rollBackAndClose(connection), PartitionOwner::rollBackAndClose);
  }

  private static Mono<Void> rollBackAndClose(Connection connection) {
    return Mono.from(connection.rollbackTransaction()).onErrorComplete().then(Mono.from(connection.close()));
  }

  private <R> R await(Mono<R> work) {
    return required(work.block(limit));
  }

  private void reached(Point point) {
    probe.reached(point, partition);
  }

  private static <V> V required(@Nullable V value) {
    if (value == null) {
      throw new IllegalStateException("value: null (expected: not null)");
    }
    return value;
  }

  private static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
  }
}
