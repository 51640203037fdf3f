// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import org.apache.kafka.common.TopicPartition;

/** Told of each step of each unit, before the next one begins: where tests kill, freeze and cut the connection. */
@FunctionalInterface
interface UnitProbe {
  UnitProbe NONE = (point, partition) -> {};

  /** The steps, in their order. */
  enum Point {
    CLAIMED, PENDING_PUBLISHED, TRANSACTION_BEGUN, DECIDED, COMMITTING, COMMITTED, FIRST_STEP_PUBLISHED,
    SECOND_STEP_PUBLISHED;

    static Point published(Step step) {
      return step == Step.FIRST ? FIRST_STEP_PUBLISHED : SECOND_STEP_PUBLISHED;
    }
  }

  void reached(Point point, TopicPartition partition);
}
