// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How queries wait for what was written before them.
 *
 * @param deadline how long, from the arrival of the query; then it is answered with 503
 * @param poll after what it looks again if nothing wakes it; more and more, up to ten times that
 */
@ConfigurationProperties("ota.queries")
record QueryProperties(@DefaultValue("3s") Duration deadline, @DefaultValue("10ms") Duration poll) {
  QueryProperties {
    if (!deadline.isPositive()) {
      throw new IllegalArgumentException("ota.queries.deadline: " + deadline + " (expected: more than 0)");
    }
    if (!poll.isPositive() || poll.compareTo(deadline) > 0) {
      throw new IllegalArgumentException(
          "ota.queries.poll: " + poll + " (expected: more than 0, at most ota.queries.deadline)");
    }
  }
}
