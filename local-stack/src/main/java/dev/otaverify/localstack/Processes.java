// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The processes of a stack: each writes a file {@code run/NAME} with its process id and start time, so that a file left
 * by a kill is never taken for another process that got the same id.
 */
public final class Processes {
  private final Path dir;

  /** Of the stack with this state directory. */
  public Processes(Path state) {
    this.dir = state.resolve("run");
  }

  /** One that is alive. {@code name}: {@code stack}, or the id of a part. */
  public record Running(String name, ProcessHandle handle) {}

  /** Writes down this process. */
  public void register(String name) {
    var self = ProcessHandle.current();
    try {
      Files.createDirectories(dir);
      var file = dir.resolve(name);
      Files.writeString(file, self.pid() + " " + startOf(self));
      file.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those that are alive. */
  public List<Running> running() {
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(dir)) {
      var alive = new ArrayList<Running>();
      for (var file : files.sorted().toList()) {
        read(file).ifPresent(handle -> alive.add(new Running(file.getFileName().toString(), handle)));
      }
      return alive;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<ProcessHandle> read(Path file) {
    try {
      var idAndStart = Files.readString(file).split(" ", 2);
      return ProcessHandle.of(Long.parseLong(idAndStart[0])).filter(ProcessHandle::isAlive)
          .filter(handle -> idAndStart.length == 2 && idAndStart[1].equals(startOf(handle)));
    } catch (IOException | NumberFormatException gone) {
      return Optional.empty();
    }
  }

  private static String startOf(ProcessHandle handle) {
    return handle.info().startInstant().map(Object::toString).orElse("unknown");
  }

  /**
   * Asks the process to end and waits for it.
   *
   * @return whether it ended in time
   */
  public static boolean stop(ProcessHandle handle, long seconds) {
    handle.destroy();
    try {
      handle.onExit().get(seconds, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
