// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Many devices in one process, and what they are doing, in numbers. They come on line one after the other, no faster than
 * they are told to, and no more of them at a time than a broker can be expected to be busy with.
 */
public final class Fleet implements AutoCloseable {
  /** Devices that are started and have not yet reported their version. */
  private static final int COMING = 500;
  /** After so long a device that does not get in no longer keeps others waiting. */
  private static final Duration HOLD_UP = Duration.ofSeconds(30);

  private final List<SimulatedDevice.Builder> settings;
  private final AtomicReferenceArray<@Nullable SimulatedDevice> devices;
  private final AtomicInteger online = new AtomicInteger();
  private final AtomicInteger informed = new AtomicInteger();
  private final AtomicInteger downloading = new AtomicInteger();
  private final AtomicLong refusals = new AtomicLong();
  private final AtomicLong pushed = new AtomicLong();
  private final AtomicLong rebooted = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong reconnects = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final Durations upgrades = new Durations();
  private volatile String lastRefusal = "";

  /** @param settings of each device; what is to be called when something happens is set here */
  public Fleet(List<SimulatedDevice.Builder> settings) {
    this.settings = List.copyOf(settings);
    this.devices = new AtomicReferenceArray<>(settings.size());
  }

  /**
   * What the devices are doing at a moment, and have done so far.
   *
   * @param online that have a connection now
   * @param informed that have reported their version at least once
   * @param downloading that are between a push and the end of its download now
   * @param pushed upgrades begun, or heard of by one that is silent
   * @param rebooted upgrades after which a device came back with another version
   * @param failed upgrades that a device reported as failed
   * @param reconnects connections beyond the first of each device
   * @param refusals connections that could not be made
   */
  public record Counts(int devices, int online, int informed, int downloading, long pushed, long rebooted, long failed,
      long reconnects, long refusals, long bytes) {}

  /** What happens to one device. HiveMQ's threads, and that of its upgrade, say so. */
  private final class Member {
    private boolean wasOnline;
    private boolean hasInformed;
    private boolean atDownload;
    private boolean isComingBack;
    private @Nullable Instant pushedAt;

    synchronized void on(Happening happening) {
      switch (happening.kind()) {
        case CONNECTED -> {
          online.incrementAndGet();
          if (wasOnline) {
            reconnects.incrementAndGet();
          }
          wasOnline = true;
        }
        case DISCONNECTED -> online.decrementAndGet();
        case REFUSED -> {
          refusals.incrementAndGet();
          lastRefusal = happening.detail();
        }
        case INFORMED -> {
          if (!hasInformed) {
            hasInformed = true;
            informed.incrementAndGet();
          }
          if (isComingBack) {
            isComingBack = false;
            upgraded(happening.at());
          }
        }
        case PUSHED -> {
          pushed.incrementAndGet();
          pushedAt = happening.at();
        }
        case PROGRESSED -> {
          if (!atDownload && happening.detail().equals("0")) {
            downloading(true);
          }
        }
        case DOWNLOADED -> downloading(false);
        case REBOOTED -> {
          rebooted.incrementAndGet();
          isComingBack = true;
        }
        case FAILED -> {
          failed.incrementAndGet();
          downloading(false);
          upgraded(happening.at());
        }
        case IGNORED, REPEATED, RESUMED -> {
        }
      }
    }

    private void downloading(boolean now) {
      if (atDownload != now) {
        atDownload = now;
        downloading.addAndGet(now ? 1 : -1);
      }
    }

    private void upgraded(Instant at) {
      if (pushedAt != null) {
        upgrades.add(Duration.between(pushedAt, at));
      }
    }
  }

  /**
   * Brings all on line; returns when each has been started, the last of them maybe not yet through.
   *
   * @param perSecond how many at the most
   */
  public void start(int perSecond) throws InterruptedException {
    var coming = new Semaphore(COMING);
    // When the broker is away, all of them together do not try to reach it more often than that either.
    var retryPause = Duration.ofSeconds(Math.max(5, settings.size() / perSecond));
    long begun = System.nanoTime();
    for (int i = 0; i < settings.size(); i++) {
      long due = begun + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      coming.acquire();
      var member = new Member();
      var device = settings.get(i).longestRetryPause(retryPause).remembered(0).onHappening(member::on)
          .onReceived(bytes::addAndGet).start();
      devices.set(i, device);
      var unused = device.informed().orTimeout(HOLD_UP.toSeconds(), TimeUnit.SECONDS)
          .whenComplete((done, late) -> coming.release());
    }
  }

  /** What they are doing. */
  public Counts counts() {
    return new Counts(settings.size(), online.get(), informed.get(), downloading.get(), pushed.get(), rebooted.get(),
        failed.get(), reconnects.get(), refusals.get(), bytes.get());
  }

  /** From a push to the report of its failure, or to that of the version that the device came back with. */
  public Durations upgrades() {
    return upgrades;
  }

  /** Why a connection could not be made, the last time; empty if that never happened. */
  public String lastRefusal() {
    return lastRefusal;
  }

  /** Switches all off. */
  @Override
  public void close() {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < devices.length(); i++) {
        @Nullable
        SimulatedDevice device = devices.get(i);
        if (device != null) {
          threads.execute(device::close);
        }
      }
    }
  }
}
