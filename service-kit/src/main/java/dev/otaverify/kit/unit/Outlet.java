// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What becomes of the output of units. */
interface Outlet {
  /**
   * What a unit's row is to hold until it is published.
   *
   * @param read the records of the unit
   * @param output what they led to
   */
  Output toStore(List<ConsumerRecord<String, byte[]>> read, Output output);

  /** Publishes what stands in the row; called for each step in turn, after a claim and after each commit. */
  void publish(Step step, List<Outgoing> records);
}
