// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Makes calls and takes their times. A call that fails counts as failed, and its time as well. */
final class Load {
  private static final long PATIENCE_SECONDS = 60;
  private static final int DIGITS = 3;
  private static final long HIGHEST_MICROS = TimeUnit.MINUTES.toMicros(5);

  private Load() {}

  /**
   * So many calls, as many at a time as there are lanes: each lane begins one when its last has ended. What comes of it is how much can be done;
   * with one lane also how long a call takes.
   *
   * @param warmUp calls before the others that do not count
   */
  static Measured closed(int lanes, long warmUp, long counted, Supplier<? extends Mono<?>> call)
      throws InterruptedException {
    var phase = new Phase();
    var begun = new AtomicLong();
    var firstAt = new AtomicLong();
    var lane = Mono.defer(() -> {
      long number = begun.getAndIncrement();
      if (number >= warmUp + counted) {
        return Mono.just(false);
      }
      long at = System.nanoTime();
      if (number == warmUp) {
        firstAt.set(at);
      }
      return phase.timed(call, at, number >= warmUp).thenReturn(true);
    }).repeat().takeWhile(more -> more);
    var done = new CountDownLatch(1);
    Flux.range(0, lanes).flatMap(any -> lane, lanes).doFinally(signal -> done.countDown()).subscribe();
    done.await();
    return phase.measured((counted - phase.failedCounted.sum()) / seconds(firstAt.get(), System.nanoTime()));
  }

  /** Calls at a fixed rate, however long they take. */
  static Measured open(double perSecond, Duration warmUp, Duration counted, Supplier<? extends Mono<?>> call)
      throws InterruptedException {
    var phase = new Phase();
    var open = new AtomicLong();
    long start = System.nanoTime();
    long warmUpCalls = (long) (perSecond * warmUp.toNanos() / 1e9);
    long calls = warmUpCalls + (long) (perSecond * counted.toNanos() / 1e9);
    for (long number = 0; number < calls; number++) {
      long due = start + (long) (number * 1e9 / perSecond);
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      open.incrementAndGet();
      phase.timed(call, due, number >= warmUpCalls).subscribe(nothing -> {}, impossible -> {}, open::decrementAndGet);
    }
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (open.get() > 0 && System.nanoTime() < giveUp) {
      Thread.sleep(1);
    }
    phase.failed.add(open.get());
    phase.failedCounted.add(open.get());
    double lasted = seconds(start + (long) (warmUpCalls * 1e9 / perSecond), System.nanoTime());
    return phase.measured((calls - warmUpCalls - phase.failedCounted.sum()) / lasted);
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }

  private static final class Phase {
    private final Histogram latency = new ConcurrentHistogram(HIGHEST_MICROS, DIGITS);
    private final LongAdder failed = new LongAdder();
    private final LongAdder failedCounted = new LongAdder();

    Mono<Void> timed(Supplier<? extends Mono<?>> call, long since, boolean counts) {
      return Mono.defer(() -> call.get().then()).onErrorResume(failure -> {
        failed.increment();
        if (counts) {
          failedCounted.increment();
        }
        return Mono.empty();
      }).doOnTerminate(() -> {
        if (counts) {
          latency.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - since) / 1000));
        }
      });
    }

    Measured measured(double perSecond) {
      return new Measured(perSecond, latency.copy(), failed.sum());
    }
  }
}
