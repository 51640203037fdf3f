// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What becomes of the output of units. */
interface Outlet {
  /**
   * What a partition's row is to hold until it is published.
   *
   * @param read the records of the partition in the unit
   * @param output what they led to
   */
  List<Outgoing> toStore(List<ConsumerRecord<String, byte[]>> read, List<Outgoing> output);

  /** Publishes what stands in the row; called for each step in turn, after a claim and after each commit. */
  void publish(Step step, List<Outgoing> records);
}
