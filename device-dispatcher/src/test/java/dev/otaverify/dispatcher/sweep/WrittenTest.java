// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WrittenTest {
  private final Written written = new Written(Duration.ofSeconds(1), Duration.ofSeconds(5));

  private static long nanos(double seconds) {
    return (long) (seconds * 1e9);
  }

  @Test
  void whatStaysDueIsWrittenAtGrowingIntervals() {
    var at = new ArrayList<Double>();
    for (double second = 0; second <= 20; second += 0.5) {
      if (written.isDue("one", nanos(second))) {
        at.add(second);
      }
    }

    assertThat(at).isEqualTo(List.of(0.0, 1.0, 3.0, 7.0, 12.0, 17.0));
  }

  @Test
  void eachThingHasItsOwnTimeAndOneThatFailedIsWrittenAtOnce() {
    assertThat(written.isDue("one", 0)).isTrue();
    assertThat(written.isDue("other", 0)).isTrue();
    assertThat(written.isDue("one", nanos(0.5))).isFalse();

    written.forget("one");

    assertThat(written.isDue("one", nanos(0.5))).isTrue();
  }

  @Test
  void whatIsNoLongerDueIsForgotten() {
    written.isDue("one", 0);

    written.forgetOld(nanos(5.5));
    assertThat(written.size()).isEqualTo(1);
    written.forgetOld(nanos(6.5));
    assertThat(written.size()).isZero();
  }
}
