// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows down who fails to log in again and again: a device with a wrong secret that reconnects in a loop, or somebody who
 * guesses. It is counted for a user name at an address, so that nobody can slow down a device from elsewhere. A few failures
 * are free; then the next attempt is looked at only after a pause, which doubles with each failure, and what comes before is
 * refused unseen. A success ends it.
 *
 * <p>The answer itself is not delayed: HiveMQ decides the logins of a client id one after the other, so a guesser's delayed
 * answers would hold up the device itself.
 */
final class FailedLogins {
  /** Failures in a row that cost nothing. */
  static final int FREE = 3;
  /** The longest pause: a secret or state that was changed is honoured within a second. */
  static final Duration LONGEST = Duration.ofSeconds(1);
  /** After so long without an attempt all is forgotten. */
  static final Duration FORGOTTEN = Duration.ofMinutes(10);

  private static final Duration FIRST = Duration.ofMillis(250);
  private static final int KEPT = 10_000;

  private final LongSupplier nanoTime;
  private final Map<Who, State> states = new LinkedHashMap<>(16, 0.75f, true) {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Who, State> eldest) {
      return size() > KEPT;
    }
  };

  FailedLogins(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Who tries. */
  record Who(String address, String userName) {}

  /** @param nextNanos when the next attempt is looked at */
  private record State(int failures, long lastNanos, long nextNanos) {}

  /** Whether this attempt is to be looked at. */
  synchronized boolean mayTry(Who who) {
    long now = nanoTime.getAsLong();
    @Nullable
    State state = states.get(who);
    if (state == null || state.failures() < FREE || now - state.lastNanos() > FORGOTTEN.toNanos()) {
      return true;
    }
    if (now - state.nextNanos() < 0) {
      return false;
    }
    // One at a time: others that come beside it wait as if it had failed.
    states.put(who, new State(state.failures(), state.lastNanos(), now + pauseAfter(state.failures())));
    return true;
  }

  synchronized void failed(Who who) {
    long now = nanoTime.getAsLong();
    @Nullable
    State before = states.get(who);
    if (before == null || now - before.lastNanos() > FORGOTTEN.toNanos()) {
      states.put(who, new State(1, now, now));
    } else {
      int failures = before.failures() + 1;
      states.put(who, new State(failures, now, Math.max(before.nextNanos(), now + pauseAfter(failures))));
    }
  }

  synchronized void succeeded(Who who) {
    states.remove(who);
  }

  private static long pauseAfter(int failures) {
    if (failures < FREE) {
      return 0;
    }
    return Math.min(LONGEST.toNanos(), FIRST.toNanos() << Math.min(failures - FREE, 10));
  }
}
