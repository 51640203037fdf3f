// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.spi.LoggingEventBuilder;

/** Warnings that devices can bring about as often as they like: one a second, the others are for who debugs. */
final class Seldom {
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();

  private final LongSupplier nanoTime;
  private final AtomicLong next;

  Seldom(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.next = new AtomicLong(nanoTime.getAsLong());
  }

  /** Where to log one. */
  LoggingEventBuilder warn(Logger log) {
    long now = nanoTime.getAsLong();
    long due = next.get();
    return now - due >= 0 && next.compareAndSet(due, now + PAUSE) ? log.atWarn() : log.atDebug();
  }
}
