// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One part of the stack: a process that can be killed, frozen and started again, always with the same command. */
public class Node {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;
  private final BooleanSupplier ready;
  private @Nullable Process process;
  private boolean wanted;
  private boolean frozen;

  /**
   * Not started yet.
   *
   * @param log what it prints
   * @param ready whether it serves
   */
  Node(String name, List<String> command, Map<String, String> environment, Path log, BooleanSupplier ready) {
    this.name = name;
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.log = log;
    this.ready = ready;
  }

  /** Such as {@code job-service-1}. */
  public final String name() {
    return name;
  }

  /** Starts it, if it does not run. */
  public final synchronized void start() {
    wanted = true;
    if (process != null && process.isAlive()) {
      return;
    }
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it serves now. */
  public final boolean isReady() {
    return ready.getAsBoolean();
  }

  /**
   * Waits until it serves.
   *
   * @throws IllegalStateException if it does not in this time, or has ended
   */
  public final void awaitReady(Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!isReady()) {
      if (System.nanoTime() > deadline || isDead()) {
        throw new IllegalStateException(name + ": not ready (expected: in " + atMost + "; see " + log + ")");
      }
      Thread.sleep(PAUSE);
    }
  }

  /** Whether it should run and does not. */
  public final synchronized boolean isDead() {
    return wanted && (process == null || !process.isAlive());
  }

  /** Ends it at once, as a crash does. */
  public final synchronized void kill() {
    wanted = false;
    frozen = false;
    for (var handle : processes()) {
      handle.destroyForcibly();
    }
    await(Duration.ofSeconds(20));
  }

  /** Asks it to end; ends it at once if it does not in time. */
  public final synchronized void stop(Duration atMost) {
    wanted = false;
    if (frozen) {
      thaw();
    }
    if (process != null) {
      process.destroy();
      if (!await(atMost)) {
        kill();
      }
    }
  }

  private boolean await(Duration atMost) {
    try {
      return process == null || process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Stops it in its tracks: it keeps its memory and its connections. */
  public final synchronized void freeze() {
    frozen = true;
    signal("STOP");
  }

  /** Lets it go on. */
  public final synchronized void thaw() {
    frozen = false;
    signal("CONT");
  }

  private void signal(String signal) {
    var kill = new ArrayList<>(List.of("kill", "-" + signal));
    processes().forEach(handle -> kill.add(Long.toString(handle.pid())));
    if (kill.size() == 2) {
      return;
    }
    try {
      // One of them may be gone by now.
      new ProcessBuilder(kill).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** All of its processes. */
  List<ProcessHandle> processes() {
    return process == null || !process.isAlive() ? List.of() : List.of(process.toHandle());
  }
}
