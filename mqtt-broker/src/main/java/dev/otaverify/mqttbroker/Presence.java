// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The coming and going of devices. A session's number is the time of its beginning in milliseconds, raised where that
 * would not be larger than the last; so a later session of a device has a larger number, also after a restart.
 *
 * <pre>
 *   begin ──▶ begun ──announce──▶ announced ──end──▶ ended (Disconnected is written, until Kafka has it)
 *               └───────────────end─────────────────▶ ended (nobody was told of it)
 * </pre>
 */
final class Presence {
  private final DeviceLog log;
  private final PresenceMarks marks;
  private final Clock clock;
  private final Executor later;
  private final AtomicLong lastNumber = new AtomicLong();
  private final Map<Long, Session> sessions = new ConcurrentHashMap<>();
  private volatile boolean closed;

  Presence(DeviceLog log, PresenceMarks marks, Clock clock) {
    this(log, marks, clock, CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
  }

  /** @param later runs what is to be tried again, after a while */
  Presence(DeviceLog log, PresenceMarks marks, Clock clock, Executor later) {
    this.log = log;
    this.marks = marks;
    this.clock = clock;
    this.later = later;
  }

  /** Ends, for the log, the sessions that a killed broker left open. To be called before devices can connect. */
  void endLeftOvers() {
    marks.all().forEach((number, device) -> {
      lastNumber.accumulateAndGet(number, Math::max);
      writeEnd(new Session(device, number));
    });
  }

  /** How many sessions there are. */
  int size() {
    return sessions.size();
  }

  /** A session of the device begins; nobody is told yet. */
  long begin(DeviceId device) {
    long number = lastNumber.updateAndGet(last -> Math.max(last + 1, clock.millis()));
    sessions.put(number, new Session(device, number));
    return number;
  }

  /**
   * Tells that the session has begun.
   *
   * @return done once that is durable; fails if it has ended already
   */
  CompletableFuture<@Nullable Void> announce(long number, @Nullable String address) {
    @Nullable
    Session session = sessions.get(number);
    return session == null
        ? CompletableFuture.failedFuture(new IllegalStateException("session: ended (expected: begun)"))
        : session.announce(address);
  }

  /** The session has ended; a repeat changes nothing. */
  void end(long number) {
    @Nullable
    Session session = sessions.remove(number);
    if (session != null) {
      session.end();
    }
  }

  /** Ends all sessions; what Kafka does not take any more is told by the broker's next start. */
  void close() {
    closed = true;
    List.copyOf(sessions.keySet()).forEach(this::end);
  }

  private void writeEnd(Session session) {
    var at = clock.instant();
    var unused = log.append(new DeviceInput.Disconnected(session.device, session.number, at), at)
        .whenComplete((ok, failure) -> {
          if (failure == null) {
            marks.remove(session.number);
          } else if (!closed) {
            later.execute(() -> writeEnd(session));
          }
        });
  }

  private final class Session {
    private final DeviceId device;
    private final long number;
    private boolean announced;
    private boolean ended;

    Session(DeviceId device, long number) {
      this.device = device;
      this.number = number;
    }

    synchronized CompletableFuture<@Nullable Void> announce(@Nullable String address) {
      if (ended) {
        return CompletableFuture.failedFuture(new IllegalStateException("session: ended (expected: begun)"));
      }
      announced = true;
      marks.add(number, device);
      var at = clock.instant();
      return log.append(new DeviceInput.Connected(device, number, address, at), at);
    }

    synchronized void end() {
      ended = true;
      if (announced) {
        writeEnd(this);
      }
    }
  }
}
