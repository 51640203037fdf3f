// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.simulator.Fleet;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a fleet and the verifications on it are doing, while they do: drawn over in place each second on a terminal,
 * elsewhere a line every few seconds.
 */
final class FleetView implements AutoCloseable {
  private static final Duration IN_PLACE = Duration.ofSeconds(1);
  private static final Duration LINE = Duration.ofSeconds(5);

  private final PrintStream out;
  private final boolean terminal;
  private final Supplier<Fleet.Counts> fleet;
  private final Supplier<String> jobs;
  private final Thread thread = Thread.ofPlatform().daemon().name("fleet-view").unstarted(this::run);
  private final long begun = System.nanoTime();
  private Fleet.Counts before;
  private long beforeNanos;
  private boolean drawn;

  /** @param jobs what to say of the verifications; empty for nothing */
  FleetView(PrintStream out, boolean terminal, Supplier<Fleet.Counts> fleet, Supplier<String> jobs) {
    this.out = out;
    this.terminal = terminal;
    this.fleet = fleet;
    this.jobs = jobs;
    this.before = fleet.get();
    this.beforeNanos = begun;
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(terminal ? IN_PLACE : LINE);
        show();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private synchronized void show() {
    var lines = lines();
    if (terminal) {
      if (drawn) {
        // Up to the first line, to draw over what is there.
        out.print("\u001b[" + lines.size() + "A");
      }
      lines.forEach(line -> out.print("\r\u001b[K" + line + "\n"));
      drawn = true;
    } else {
      out.println(String.join(" | ", lines));
    }
    out.flush();
  }

  private List<String> lines() {
    var now = fleet.get();
    long nanos = System.nanoTime();
    double seconds = Math.max(1, nanos - beforeNanos) / 1e9;
    var lines = Stream.of(
        "%5d s  connected %d of %d, informed %d (%.0f/s), reconnects %d, refused %d".formatted(
            (nanos - begun) / 1_000_000_000, now.online(), now.devices(), now.informed(),
            (now.informed() - before.informed()) / seconds, now.reconnects(), now.refusals()),
        "pushed %d, downloading %d, rebooted %d, failed %d (%.0f/s), %d MB (%.1f MB/s)".formatted(now.pushed(),
            now.downloading(), now.rebooted(), now.failed(), (ended(now) - ended(before)) / seconds,
            now.bytes() / 1_000_000, (now.bytes() - before.bytes()) / 1e6 / seconds),
        jobs.get()).filter(line -> !line.isEmpty()).toList();
    before = now;
    beforeNanos = nanos;
    return lines;
  }

  private static long ended(Fleet.Counts counts) {
    return counts.rebooted() + counts.failed();
  }

  /** Shows how it is now, and no more. */
  @Override
  public void close() {
    thread.interrupt();
    show();
  }
}
