// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.time.Duration;

/**
 * A topic that a service works through with units.
 *
 * @param group the consumer group, which is also the name of its positions
 * @param family the sealed type of the topic's messages
 * @param patience how long a record may wait for others, so that a unit has more of them; zero where somebody waits for what comes of it
 */
public record Subscription<T>(String group, String topic, Class<T> family, UnitHandler<T> handler, Duration patience) {
  /** The lifecycle phase of the units, below that of the web server: its last calls may wait for what they work on. */
  public static final int PHASE = 1000;

  /** One that takes each record as soon as it can. */
  public Subscription(String group, String topic, Class<T> family, UnitHandler<T> handler) {
    this(group, topic, family, handler, Duration.ZERO);
  }
}
