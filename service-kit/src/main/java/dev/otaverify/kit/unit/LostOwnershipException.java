// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.Arrays;

/** Another instance has claimed the partition, or the last commit did go through: claim again to know. */
final class LostOwnershipException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LostOwnershipException(String topic, Integer[] partitions, Long[] epochs, Long[] positions) {
    super("%s, partitions %s: not all have rows with epochs %s and positions %s".formatted(topic,
        Arrays.toString(partitions), Arrays.toString(epochs), Arrays.toString(positions)));
  }
}
