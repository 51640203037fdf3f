// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

/**
 * A topic that a service works through with units.
 *
 * @param group the consumer group, which is also the name of its positions
 * @param family the sealed type of the topic's messages
 */
public record Subscription<T>(String group, String topic, Class<T> family, UnitHandler<T> handler) {
  /** The lifecycle phase of the units, below that of the web server: its last calls may wait for what they work on. */
  public static final int PHASE = 1000;
}
