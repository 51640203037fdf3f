// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.util.Map;

/** The topics. Their partition counts never change, since keys are bound to partitions. */
public final class Topics {
  /** What clients asked for, and {@link Command.ConcludeVerification}; key: {@link Command#key()}. */
  public static final String COMMANDS = "ota.commands";
  /** Everything that can move a device's task; key: {@link DeviceId#key()}. */
  public static final String DEVICE_INPUTS = "ota.device.inputs";
  /** The life of each firmware; key: firmware id. */
  public static final String FIRMWARE_EVENTS = "ota.firmware.events";
  /** Products and devices; key: product key. */
  public static final String REGISTRY_EVENTS = "ota.registry.events";
  /** Answers to commands; no key, the partition that the command named. */
  public static final String REPLIES = "ota.replies";
  /** The partitions of every topic. */
  public static final int PARTITIONS = 12;

  private static final Map<String, String> KEPT_FOR_EVER = Map.of("cleanup.policy", "delete", "retention.ms", "-1",
      "retention.bytes", "-1");
  // Whoever waits for an answer does so for seconds. Kafka deletes whole segments, so these must be as short.
  private static final Map<String, String> KEPT_FOR_AN_HOUR = Map.of("cleanup.policy", "delete", "retention.ms",
      "3600000", "segment.ms", "3600000");

  private Topics() {}

  /** Where input from outside that could not be read or decided on is put aside. */
  public static String deadLetters(String topic) {
    return topic + ".dlt";
  }

  /** All topics with their number of partitions. */
  public static Map<String, Integer> all() {
    return Map.of(COMMANDS, PARTITIONS, DEVICE_INPUTS, PARTITIONS, FIRMWARE_EVENTS, PARTITIONS, REGISTRY_EVENTS,
        PARTITIONS, REPLIES, PARTITIONS, deadLetters(COMMANDS), PARTITIONS, deadLetters(DEVICE_INPUTS), PARTITIONS);
  }

  /**
   * What a topic is created with, by Kafka's names, so that nothing depends on the defaults of a broker: a record that is
   * deleted or compacted away is a decision or an event lost.
   */
  public static Map<String, String> settings(String topic) {
    return topic.equals(REPLIES) ? KEPT_FOR_AN_HOUR : KEPT_FOR_EVER;
  }
}
