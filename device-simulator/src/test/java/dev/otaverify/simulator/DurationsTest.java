// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DurationsTest {
  @Test
  void aPercentileIsTheSmallestThatSoManyAreNotAbove() {
    var durations = new Durations();
    for (int i = 1000; i >= 1; i--) {
      durations.add(Duration.ofMillis(100L * i));
    }

    assertThat(durations.summary()).isEqualTo("p50 50.0 s, p90 90.0 s, p99 99.0 s, max 100.0 s");
  }

  @Test
  void theNewestReplaceTheOldest() {
    var durations = new Durations();
    assertThat(durations.summary()).isEqualTo("none");
    for (int i = 0; i < 250_000; i++) {
      durations.add(Duration.ofSeconds(i < 150_000 ? 1 : 2));
    }

    assertThat(durations.count()).isEqualTo(250_000);
    assertThat(durations.summary()).isEqualTo("p50 2.0 s, p90 2.0 s, p99 2.0 s, max 2.0 s");
  }
}
