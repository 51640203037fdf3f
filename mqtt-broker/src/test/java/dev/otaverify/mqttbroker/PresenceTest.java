// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PresenceTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:38:59Z");
  private static final DeviceId DEVICE = new DeviceId(new ProductKey("a1VJwBw0000"), new DeviceName("testdevice"));

  @TempDir
  Path directory;

  private final FakeLog log = new FakeLog();
  private final Queue<Runnable> later = new ArrayDeque<>();
  private Presence presence;

  private static final class FakeLog implements DeviceLog {
    final List<DeviceInput> written = new ArrayList<>();
    boolean broken;

    @Override
    public boolean isReady() {
      return !broken;
    }

    @Override
    public CompletableFuture<@Nullable Void> append(DeviceInput input, Instant at) {
      if (broken) {
        return CompletableFuture.failedFuture(new IllegalStateException("broken"));
      }
      written.add(input);
      return CompletableFuture.completedFuture(null);
    }
  }

  @BeforeEach
  void start() {
    presence = restarted(NOW);
  }

  private Presence restarted(Instant now) {
    return new Presence(log, new PresenceMarks(directory), Clock.fixed(now, ZoneOffset.UTC), later::add);
  }

  @Test
  void aSessionIsToldToBeginAndToEnd() {
    long session = presence.begin(DEVICE);
    assertThat(presence.announce(session, "10.0.0.7")).isCompleted();
    presence.end(session);
    presence.end(session);

    assertThat(log.written).containsExactly(new DeviceInput.Connected(DEVICE, session, "10.0.0.7", NOW),
        new DeviceInput.Disconnected(DEVICE, session, NOW));
  }

  @Test
  void aSessionThatEndsBeforeItWasAnnouncedIsNeverHeardOf() {
    long session = presence.begin(DEVICE);
    presence.end(session);

    assertThat(presence.announce(session, null)).isCompletedExceptionally();
    assertThat(log.written).isEmpty();
  }

  @Test
  void aLaterSessionHasALargerNumberThoughNoTimeHasPassed() {
    assertThat(presence.begin(DEVICE)).isEqualTo(NOW.toEpochMilli());
    assertThat(presence.begin(DEVICE)).isEqualTo(NOW.toEpochMilli() + 1);
  }

  @Test
  void anEndThatTheLogDoesNotTakeIsToldLater() {
    long session = presence.begin(DEVICE);
    assertThat(presence.announce(session, null)).isCompleted();
    log.broken = true;
    presence.end(session);
    assertThat(log.written).hasSize(1);

    log.broken = false;
    later.remove().run();
    assertThat(log.written).hasSize(2).last().isEqualTo(new DeviceInput.Disconnected(DEVICE, session, NOW));
    assertThat(later).isEmpty();
  }

  @Test
  void aRestartEndsWhatAKilledBrokerLeftOpenAndNumbersOnThoughTheClockWentBack() {
    long left = presence.begin(DEVICE);
    assertThat(presence.announce(left, null)).isCompleted();
    long ended = presence.begin(DEVICE);
    assertThat(presence.announce(ended, null)).isCompleted();
    presence.end(ended);
    log.written.clear();

    var before = NOW.minusSeconds(3600);
    var next = restarted(before);
    next.endLeftOvers();
    assertThat(log.written).containsExactly(new DeviceInput.Disconnected(DEVICE, left, before));
    assertThat(next.begin(DEVICE)).isEqualTo(left + 1);

    restarted(before).endLeftOvers();
    assertThat(log.written).hasSize(1);
  }
}
