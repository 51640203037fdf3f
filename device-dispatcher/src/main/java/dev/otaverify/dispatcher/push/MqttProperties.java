// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The broker that devices connect to.
 *
 * @param password of this service there; not shown by {@link #toString}
 * @param sendTimeout the most that a message may take to the broker
 * @param queueCapacity messages that may wait to be sent; more are dropped, and pushed again at their time
 */
@ConfigurationProperties("ota.mqtt")
record MqttProperties(String host, int port, String username, String password, Duration sendTimeout,
    int queueCapacity) {

  /** @throws IllegalArgumentException if a value is out of its bounds */
  MqttProperties {
    if (!sendTimeout.isPositive() || queueCapacity < 1) {
      throw new IllegalArgumentException("ota.mqtt.send-timeout, queue-capacity: " + sendTimeout + ", " + queueCapacity
          + " (expected: positive)");
    }
  }

  @Override
  public String toString() {
    return "MqttProperties[" + username + "@" + host + ":" + port + "]";
  }
}
