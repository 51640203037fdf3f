// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Calls that go on beside something else, a fixed number at a time: how many ended when. */
final class Steady {
  /** So that a lane whose calls fail at once does not turn idle. */
  private static final Duration AFTER_A_FAILURE = Duration.ofMillis(100);

  private final Queue<Instant> ends = new ConcurrentLinkedQueue<>();
  private final LongAdder failed = new LongAdder();
  private final AtomicBoolean goesOn = new AtomicBoolean(true);
  private final CountDownLatch ended = new CountDownLatch(1);

  private Steady() {}

  /** Begins; each lane makes a call when its last has ended. */
  static Steady begin(int lanes, Supplier<? extends Mono<?>> call) {
    var steady = new Steady();
    var lane = Mono.defer(() -> call.get().then()).doOnSuccess(nothing -> steady.ends.add(Instant.now()))
        .onErrorResume(failure -> {
          steady.failed.increment();
          return Mono.delay(AFTER_A_FAILURE).then();
        }).repeat(steady.goesOn::get);
    Flux.range(0, lanes).flatMap(any -> lane, lanes).doFinally(signal -> steady.ended.countDown()).subscribe();
    return steady;
  }

  /** Begins no more; returns when those under way have ended. */
  void end() throws InterruptedException {
    goesOn.set(false);
    ended.await();
  }

  /** Calls that ended between these times, for each second between them. */
  double perSecond(Instant from, Instant to) {
    return ends.stream().filter(end -> !end.isBefore(from) && end.isBefore(to)).count()
        / (Duration.between(from, to).toNanos() / 1e9);
  }

  /** Calls that were refused or not answered. */
  long failed() {
    return failed.sum();
  }
}
