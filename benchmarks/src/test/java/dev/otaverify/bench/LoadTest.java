// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class LoadTest {
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void asManyAtATimeAsThereAreLanesAndOnlyWhatIsBehindTheWarmUpCounts() throws InterruptedException {
    var open = new AtomicInteger();
    var most = new AtomicInteger();

    var measured = Load.closed(4, 10, 30, () -> Mono.fromRunnable(() -> {
      calls.incrementAndGet();
      most.accumulateAndGet(open.incrementAndGet(), Math::max);
    }).then(Mono.fromRunnable(open::decrementAndGet)));

    assertThat(calls).hasValue(40);
    assertThat(most.get()).isLessThanOrEqualTo(4);
    assertThat(measured.latency().getTotalCount()).isEqualTo(30);
    assertThat(measured.failed()).isZero();
  }

  @Test
  void whatFailsIsCountedAndItsLaneGoesOn() throws InterruptedException {
    var measured = Load.closed(1, 0, 10, () -> calls.incrementAndGet() % 2 == 0
        ? Mono.error(new IllegalStateException("refused"))
        : Mono.just("yes"));

    assertThat(measured.failed()).isEqualTo(5);
    assertThat(measured.latency().getTotalCount()).isEqualTo(10);
    var nothingButRefusals = Load.closed(1, 0, 10, () -> Mono.error(new IllegalStateException("refused")));
    assertThat(nothingButRefusals.perSecond()).isZero();
  }

  @Test
  void atAFixedRateNobodyWaitsForAnAnswerAndAStallIsInTheTimesOfAllThatWereDueMeanwhile() throws InterruptedException {
    // given: no answer until the last of the calls has begun
    var answer = Sinks.<String>one();
    int all = 200;

    var measured = Load.open(1_000, Duration.ZERO, Duration.ofMillis(all), () -> {
      if (calls.incrementAndGet() == all) {
        answer.tryEmitValue("all at once");
      }
      return answer.asMono();
    });

    assertThat(calls).hasValue(all);
    assertThat(measured.latency().getTotalCount()).isEqualTo(all);
    // The first was due a fifth of a second before, the median half as long: whatever the machine, no less.
    assertThat(measured.milliseconds(100)).isGreaterThan(190);
    assertThat(measured.milliseconds(50)).isGreaterThan(90);
  }
}
