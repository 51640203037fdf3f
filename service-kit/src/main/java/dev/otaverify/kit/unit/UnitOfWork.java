// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.UnreadableMessageException;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.trace.Traces;
import dev.otaverify.kit.unit.UnitProbe.Point;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on what was read of partitions that this instance owns. Its methods block the caller's thread, never an event loop.
 *
 * <pre>
 * one transaction:   rows locked, if epochs and positions are still mine, and what is needed read
 *                    decided, changed rows written
 *                    positions and pending output stored, of each partition in its row
 * after the commit:  first step published, acknowledged; second step published, acknowledged; effects
 * </pre>
 *
 * The records of several partitions are one unit, since a unit costs much the same however many records it has. If it cannot be, because
 * of what is in one of them, each partition is a unit of its own, and then each record.
 *
 * <p>
 * After a failure that is not a record's fault the only way on is {@link PartitionOwner#claim}: the row alone says whether the commit went
 * through.
 */
final class UnitOfWork<T> {
  private static final Logger LOG = LoggerFactory.getLogger(UnitOfWork.class);
  // Kafka's default limit of a record is 1 MiB with headers; more than this can never be published.
  private static final int LARGEST_VALUE = 900_000;
  // What Kafka's headers may take of the reason.
  private static final int LONGEST_REASON = 1_000;
  private static final int A_FEW = 50;

  private final Subscription<T> subscription;
  private final Database database;
  private final Traces traces;
  private final UnitProbe probe;

  UnitOfWork(Subscription<T> subscription, Database database, Traces traces, UnitProbe probe) {
    this.subscription = subscription;
    this.database = database;
    this.traces = traces;
    this.probe = probe;
  }

  /**
   * What was read of one partition, in its order.
   *
   * @param isCareful whether the last unit failed: then the partition is taken alone, a few records at a time, in case it was too much
   */
  record Share(PartitionOwner owner, List<ConsumerRecord<String, byte[]>> records, boolean isCareful) {

    /** Without what was decided on. */
    private Share open() {
      return with(records.stream().filter(record -> record.offset() >= owner.position()).toList());
    }

    private Share with(List<ConsumerRecord<String, byte[]>> others) {
      return new Share(owner, others, isCareful);
    }

    private boolean isDecidedBefore() {
      return owner.isDecidedBefore(records.getFirst());
    }

    private long next() {
      return records.getLast().offset() + 1;
    }
  }

  /**
   * What became of a share.
   *
   * @param putAside records that were at fault
   * @param failure null: all is decided and published
   */
  record Done(PartitionOwner owner, int putAside, @Nullable RuntimeException failure) {}

  /** Decides on these, each of another partition, in as few units as it can. */
  List<Done> work(List<Share> polled) {
    var done = new ArrayList<Done>();
    var together = new ArrayList<Share>();
    var alone = new ArrayList<Share>();
    for (var share : polled) {
      var open = share.open();
      if (open.records().isEmpty()) {
        done.add(new Done(open.owner(), 0, null));
      } else if (open.isDecidedBefore() || open.isCareful()) {
        alone.add(open);
      } else {
        together.add(open);
      }
    }
    if (together.size() > 1) {
      try {
        unit(together);
        together.forEach(share -> done.add(new Done(share.owner(), 0, null)));
        together.clear();
      } catch (RuntimeException failure) {
        // Whatever else it is was found before the commit: nothing has changed.
        if (Fault.of(failure) == Fault.SYSTEM) {
          together.forEach(share -> done.add(new Done(share.owner(), 0, failure)));
          together.clear();
        }
      }
    }
    alone.addAll(together);
    alone.forEach(share -> done.add(alone(share)));
    return done;
  }

  private Done alone(Share share) {
    try {
      return new Done(share.owner(), putAside(share), null);
    } catch (RuntimeException failure) {
      return new Done(share.owner(), 0, failure);
    }
  }

  /** One unit if it can be, else one by one so that only a record at fault is put aside. */
  private int putAside(Share share) {
    var owner = share.owner();
    var again = share.records().stream().filter(owner::isDecidedBefore).toList();
    var first = share.records().subList(again.size(), share.records().size());
    int putAside = oneByOne(share.with(again));
    int most = share.isCareful() ? A_FEW : first.size();
    for (int from = 0; from < first.size(); from += most) {
      putAside += together(share.with(first.subList(from, Math.min(from + most, first.size()))));
    }
    return putAside;
  }

  private int together(Share share) {
    try {
      unit(List.of(share));
      return 0;
    } catch (RuntimeException failure) {
      if (Fault.of(failure) != Fault.RECORD) {
        throw failure;
      }
    }
    return oneByOne(share);
  }

  private int oneByOne(Share share) {
    int putAside = 0;
    for (var record : share.records()) {
      if (record.offset() < share.owner().position()) {
        continue;
      }
      var one = share.with(List.of(record));
      try {
        unit(List.of(one));
      } catch (RuntimeException failure) {
        if (Fault.of(failure) != Fault.RECORD) {
          throw failure;
        }
        putAside(one, failure);
        putAside++;
      }
    }
    return putAside;
  }

  private void unit(List<Share> shares) {
    transact(shares, transaction -> {
      var batch = new ArrayList<Incoming<T>>();
      for (var share : shares) {
        for (var record : share.records()) {
          batch.add(read(record, transaction.spans()));
        }
      }
      return subscription.handler().handle(transaction, batch);
    });
  }

  private void putAside(Share share, RuntimeException failure) {
    var partition = share.owner().partition();
    var record = share.records().getFirst();
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
    transact(List.of(share), transaction -> {
      var output = new ArrayList<>(List.of(new Outgoing(Step.FIRST, Topics.deadLetters(partition.topic()),
          partition.partition(), record.key(), withReason, record.value())));
      output.addAll(subscription.handler().onDeadLetter(dead));
      return Output.of(output);
    });
  }

  private void transact(List<Share> shares, Function<Transaction, Output> decide) {
    var spans = new UnitSpans(traces, subscription.group());
    try {
      transact(shares, decide, spans);
      spans.end(null);
    } catch (RuntimeException failure) {
      spans.end(failure);
      throw failure;
    }
  }

  private void transact(List<Share> shares, Function<Transaction, Output> decide, UnitSpans spans) {
    boolean again = shares.getFirst().isDecidedBefore();
    var written = Instant.ofEpochMilli(shares.getFirst().records().getFirst().timestamp());
    var committed = database.transaction(sql -> {
      var began = new AtomicReference<Instant>();
      lockRows(sql, shares.stream().map(Share::owner).toList(), at -> {
        began.set(again && written.isBefore(at) ? written : at);
        reached(Point.TRANSACTION_BEGUN, shares);
      });
      var output = decide.apply(new Transaction(sql, () -> {
        if (began.get() == null) {
          sql.send();
        }
        return Objects.requireNonNull(began.get());
      }, again, spans));
      reached(Point.DECIDED, shares);
      var records = byOwner(shares, output);
      store(sql, shares, records);
      reached(Point.COMMITTING, shares);
      return new Committed(records, output.effects());
    });
    shares.forEach(share -> share.owner().committed(share.next()));
    reached(Point.COMMITTED, shares);
    publish(committed.records());
    if (again) {
      // They were had, and what they did is long past.
      return;
    }
    for (var effect : committed.effects()) {
      run(effect);
    }
  }

  private record Committed(Map<PartitionOwner, List<Outgoing>> records, List<Runnable> effects) {}

  /** What each partition's row is to hold until it is published. */
  private static Map<PartitionOwner, List<Outgoing>> byOwner(List<Share> shares, Output output) {
    var one = shares.size() == 1;
    var byPartition = output.records().stream().collect(Collectors.groupingBy(
        outgoing -> one ? shares.getFirst().owner().partition().partition() : outgoing.from()));
    var byOwner = new LinkedHashMap<PartitionOwner, List<Outgoing>>();
    for (var share : shares) {
      var its = byPartition.remove(share.owner().partition().partition());
      byOwner.put(share.owner(),
          checked(share.owner().outlet().toStore(share.records(), its == null ? List.of() : its)));
    }
    if (!byPartition.isEmpty()) {
      throw new UndecidableException("output: from partitions " + byPartition.keySet() + " (expected: of those read)");
    }
    return byOwner;
  }

  /**
   * Locks them with what is read next, before anything else is.
   *
   * @param began is told by the database's clock when the transaction began
   */
  private void lockRows(Sql sql, List<PartitionOwner> owners, Consumer<Instant> began) {
    var topic = subscription.topic();
    var partitions = partitions(owners);
    var epochs = owners.stream().map(PartitionOwner::epoch).toArray(Long[]::new);
    var positions = owners.stream().map(PartitionOwner::position).toArray(Long[]::new);
    sql.check(row -> row.getObject(1, OffsetDateTime.class).toInstant(), locked -> {
      if (locked.size() < partitions.length) {
        throw new LostOwnershipException(topic, partitions, epochs, positions);
      }
      began.accept(locked.getFirst());
    },
        """
        select transaction_timestamp() from consumer_position p
        join unnest(?::int[], ?::bigint[], ?::bigint[]) as mine (partition, epoch, position)
          using (partition, epoch, position)
        where topic = ? order by partition for update of p""", partitions, epochs, positions, topic);
  }

  private static Integer[] partitions(List<PartitionOwner> owners) {
    return owners.stream().map(owner -> owner.partition().partition()).toArray(Integer[]::new);
  }

  private static void store(Sql sql, List<Share> shares, Map<PartitionOwner, List<Outgoing>> records) {
    var all = new ByteArrayOutputStream();
    var begins = new ArrayList<Integer>();
    var lengths = new ArrayList<Integer>();
    for (var share : shares) {
      byte[] pending = PendingOutput.toBytes(records.getOrDefault(share.owner(), List.of()));
      // SQL counts from 1.
      begins.add(all.size() + 1);
      lengths.add(pending.length);
      all.writeBytes(pending);
    }
    sql.later("""
              update consumer_position p
              set position = n.position, pending = nullif(substring(?::bytea from n.begins for n.length), '')
              from unnest(?::int[], ?::bigint[], ?::int[], ?::int[]) as n (partition, position, begins, length)
              where p.topic = ? and p.partition = n.partition""", all.toByteArray(),
        partitions(shares.stream().map(Share::owner).toList()), shares.stream().map(Share::next).toArray(Long[]::new),
        begins.toArray(Integer[]::new), lengths.toArray(Integer[]::new), shares.getFirst().owner().partition().topic());
  }

  private void publish(Map<PartitionOwner, List<Outgoing>> records) {
    for (var step : Step.values()) {
      // Those of one outlet wait for their acknowledgements together.
      var byOutlet = new LinkedHashMap<Outlet, List<Outgoing>>();
      records.forEach((owner, its) -> byOutlet.computeIfAbsent(owner.outlet(), any -> new ArrayList<>()).addAll(its));
      byOutlet.forEach((outlet, its) -> outlet.publish(step, its));
      records.keySet().forEach(owner -> probe.reached(Point.published(step), owner.partition()));
    }
  }

  private Incoming<T> read(ConsumerRecord<String, byte[]> record, UnitSpans spans) {
    var headers = KafkaRecords.textOf(record.headers());
    if (record.key() == null) {
      throw new UndecidableException(
          "key: null (expected: the key of a " + subscription.family().getSimpleName() + ")");
    }
    return Incoming.unread(() -> decode(headers, record.value()), headers.getOrDefault("ce_type", ""), record.key(),
        record.topic(), record.partition(), record.offset(),
        spans.begin(record.topic(), record.partition(), record.offset(), headers));
  }

  private Message<T> decode(Map<String, String> headers, byte @Nullable [] value) {
    try {
      return Wire.decode(headers, value, subscription.family());
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
      LOG.atWarn().setCause(e).addKeyValue("topic", subscription.topic()).log("effect failed");
    }
  }

  private void reached(Point point, List<Share> shares) {
    shares.forEach(share -> probe.reached(point, share.owner().partition()));
  }

  private static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
  }
}
