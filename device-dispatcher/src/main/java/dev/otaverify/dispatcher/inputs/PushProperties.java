// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.dispatcher.device.PushPolicy;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How devices are pushed, see {@link PushPolicy}.
 *
 * @param messageExpiry the broker drops a push that it could not deliver in this time; not longer than the shortest pause,
 *   or a device that comes back would get several at once
 */
@ConfigurationProperties("ota.dispatcher.push")
public record PushProperties(List<Duration> pauses, Duration quiet, Duration connectGrace, Duration messageExpiry) {

  /** @throws IllegalArgumentException if a value is out of its bounds */
  public PushProperties {
    pauses = List.copyOf(pauses);
    if (messageExpiry.compareTo(Duration.ofSeconds(1)) < 0
        || (!pauses.isEmpty() && messageExpiry.compareTo(pauses.getFirst()) > 0)) {
      throw new IllegalArgumentException("ota.dispatcher.push.message-expiry: " + messageExpiry
          + " (expected: 1s or more, and not more than the first of " + pauses + ")");
    }
  }

  PushPolicy policy() {
    return new PushPolicy(pauses, quiet, connectGrace);
  }
}
