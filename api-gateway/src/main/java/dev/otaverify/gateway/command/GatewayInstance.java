// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.command;

import dev.otaverify.contracts.Topics;
import java.util.UUID;

/**
 * One run of a gateway: replies to an earlier run are nobody's.
 *
 * @param name tells it from every other that may read the same partition
 */
public record GatewayInstance(String name) {

  /** A new one. */
  public static GatewayInstance start() {
    return new GatewayInstance(UUID.randomUUID().toString());
  }

  /** The partition of the replies that it reads. */
  int replyPartition() {
    return Math.floorMod(name.hashCode(), Topics.PARTITIONS);
  }

  /**
   * Where the reply to a request goes. The request is part of it: a client that used one nonce for two different requests
   * must not get the answer of one for the other.
   */
  String replyAddress(String fingerprint) {
    return name + "." + fingerprint.substring(0, 16);
  }
}
