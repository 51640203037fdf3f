// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.unit.UnitProbe.Point;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition while this instance owns it: {@link UnitOfWork} decides on what is in it.
 *
 * <pre>
 * claim()  raise the epoch in the position row, which waits out and bars the former owner
 *          publish what the row still has pending
 * </pre>
 */
final class PartitionOwner {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionOwner.class);

  private final TopicPartition partition;
  private final Database database;
  private final Outlet outlet;
  private final UnitProbe probe;
  private long epoch = -1;
  /** Below it the records were decided on before, and the database does not know: it was restored from a back-up. */
  private long decidedBefore;
  private long position = -1;

  PartitionOwner(TopicPartition partition, Database database, Outlet outlet, UnitProbe probe) {
    this.partition = partition;
    this.database = database;
    this.outlet = outlet;
    this.probe = probe;
  }

  private record Row(long epoch, long position, String topicId, int partitionCount, List<Outgoing> pending) {}

  /**
   * Takes the partition over and publishes what its last owner still had to. Blocks the caller's thread.
   *
   * @param decided how far the consumer group had come, as Kafka knows it; 0 if it does not. A position below it is that of a database older
   *   than Kafka: what is between is decided on again, one by one as of the time that it was written, so that the same follows from it
   * @return the offset to go on at
   * @throws StoppedPartitionException if the position belongs to another topic
   */
  long claim(TopicIdentity topic, long decided) {
    var row = database.transaction(sql -> sql.query(
        r -> new Row(r.getLong(1), r.getLong(2), r.getString(3), r.getInt(4), PendingOutput.ofBytes(r.getBytes(5))),
        """
        insert into consumer_position as mine (topic, partition, topic_id, partition_count, epoch, position)
        values (?, ?, ?, ?, 1, 0)
        on conflict (topic, partition) do update set epoch = mine.epoch + 1
        returning epoch, position, topic_id, partition_count, pending""", partition.topic(), partition.partition(),
        topic.id(), topic.partitions()).getFirst());
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
    probe.reached(Point.CLAIMED, partition);
    for (var step : Step.values()) {
      outlet.publish(step, row.pending());
      probe.reached(Point.published(step), partition);
    }
    probe.reached(Point.PENDING_PUBLISHED, partition);
    LOG.atInfo().addKeyValue("topic", partition.topic()).addKeyValue("partition", partition.partition())
        .addKeyValue("epoch", epoch).addKeyValue("position", position).log("partition claimed");
    return position;
  }

  TopicPartition partition() {
    return partition;
  }

  Outlet outlet() {
    return outlet;
  }

  /** Raised by each claim. */
  long epoch() {
    return epoch;
  }

  /** The offset of the next record to decide on. */
  long position() {
    return position;
  }

  /** A unit has come as far. */
  void committed(long next) {
    position = next;
  }

  boolean isDecidedBefore(ConsumerRecord<String, byte[]> record) {
    return record.offset() < decidedBefore;
  }
}
