// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import org.apache.kafka.common.TopicPartition;

/** Another instance has claimed the partition, or the last commit did go through: claim again to know. */
final class LostOwnershipException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LostOwnershipException(TopicPartition partition, long epoch, long position) {
    super(partition + ": no row with epoch " + epoch + " and position " + position);
  }
}
