// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {
  private static final RetryPolicy POLICY = new RetryPolicy(Duration.ofSeconds(5), Duration.ofHours(1));
  private static final Instant NOW = Instant.parse("2026-11-23T14:38:59Z");

  @Test
  void pausesDoubleUpToTheLongest() {
    assertThat(
        IntStream.rangeClosed(1, 12).mapToObj(failures -> POLICY.pause(failures, Duration.ZERO, 0.5).toSeconds()))
        .containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 320L, 640L, 1280L, 2560L, 3600L, 3600L);
    assertThat(POLICY.pause(Integer.MAX_VALUE, Duration.ZERO, 0.5)).hasHours(1);
  }

  @Test
  void aPauseIsAFifthShorterOrLongerByChance() {
    assertThat(POLICY.pause(2, Duration.ZERO, 0)).hasSeconds(8);
    assertThat(POLICY.pause(2, Duration.ZERO, 1)).hasSeconds(12);
  }

  @Test
  void whatTheEndpointAsksForCountsIfItIsLongerUpToTheLongest() {
    assertThat(POLICY.pause(1, Duration.ofSeconds(3), 0.5)).hasSeconds(5);
    assertThat(POLICY.pause(1, Duration.ofMinutes(3), 0.5)).hasMinutes(3);
    assertThat(POLICY.pause(1, Duration.ofDays(3), 0.5)).hasHours(1);
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", textBlock = """
                                           -,                                0
                                           '',                               0
                                           120,                              120
                                           ' 7 ',                            7
                                           -5,                               0
                                           soon,                             0
                                           99999999999999999999,             0
                                           'Mon, 23 Nov 2026 14:40:59 GMT',  120
                                           'Mon, 23 Nov 2026 14:30:00 GMT',  0
                                           """)
  void retryAfterIsSecondsOrADate(String header, long seconds) {
    assertThat(RetryPolicy.retryAfter(header, NOW)).hasSeconds(seconds);
  }
}
