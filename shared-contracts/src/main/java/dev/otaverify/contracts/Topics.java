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
}
