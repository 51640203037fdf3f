// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.kit.retention.Kept;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long the write side keeps what it has decided.
 *
 * @param answerRetention how long the answer to a command is remembered, 30 minutes or more: as long as the signature of
 *   a request is accepted, the request sent again must be known
 * @param jobRetention how long a job is kept after its verdict, 4 days or more; 0: for ever
 */
@ConfigurationProperties("ota.job-service")
record JobServiceProperties(@DefaultValue("1h") Duration answerRetention,
    @DefaultValue("90d") Duration jobRetention) {
  private static final Duration LEAST = Duration.ofMinutes(30);

  /** @throws IllegalArgumentException if a value is out of its bounds */
  JobServiceProperties {
    if (answerRetention.compareTo(LEAST) < 0) {
      throw new IllegalArgumentException(
          "ota.job-service.answer-retention: " + answerRetention + " (expected: 30m or more)");
    }
    Kept.checked("ota.job-service.job-retention", jobRetention);
  }
}
