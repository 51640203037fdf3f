// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Each part as a process of its own, so that one can be killed alone. One that dies is not started again. */
public final class SeparateStack implements AutoCloseable {
  private static final int STOP_SECONDS = 30;

  private final Deque<Process> running = new ArrayDeque<>();

  private SeparateStack() {}

  /** Starts all parts; returns when all are ready. If one does not start, what was started is stopped. */
  public static SeparateStack start(Settings settings) {
    return startStages(settings, List.of(List.of(Part.POSTGRES, Part.KAFKA), List.of(Part.JOB_SERVICE,
        Part.STATUS_AGGREGATOR, Part.MQTT_BROKER, Part.DEVICE_DISPATCHER, Part.API_GATEWAY)));
  }

  /** Starts this part alone, such as one more instance of it; returns when it is ready. */
  public static SeparateStack start(Settings settings, Part part) {
    return startStages(settings, List.of(List.of(part)));
  }

  private static SeparateStack startStages(Settings settings, List<List<Part>> stages) {
    var stack = new SeparateStack();
    try {
      stages.forEach(parts -> stack.startTogether(settings, parts));
    } catch (RuntimeException | Error e) {
      stack.close();
      throw e;
    }
    return stack;
  }

  private record Started(Part part, Process process) {}

  private void startTogether(Settings settings, List<Part> parts) {
    for (var started : parts.stream().map(part -> new Started(part, launch(settings, part)))
        .toList()) {
      awaitReady(started);
    }
  }

  private Process launch(Settings settings, Part part) {
    // As this process was started, but with the log of the part and the directory of its stack.
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-Dota.log=") && !argument.startsWith("-Dota.state="))
        .forEach(command::add);
    command.addAll(List.of("-Dota.log=" + settings.dir().resolve(part.id() + ".log"),
        "-Dota.state=" + settings.dir(), "-Xms40m", "-Xmx256m", "-cp",
        System.getProperty("java.class.path"), Main.class.getName(), "run", part.id()));
    try {
      var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      synchronized (running) {
        running.push(process);
      }
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("StreamResourceLeak") // the process may go on printing
  private static void awaitReady(Started started) {
    BufferedReader lines = started.process().inputReader(StandardCharsets.UTF_8);
    try {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("ready ")) {
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException(started.part().id() + ": did not start (expected: ready; see its log)");
  }

  @Override
  public void close() {
    synchronized (running) {
      while (!running.isEmpty()) {
        var process = running.pop();
        if (process.isAlive() && !Processes.stop(process.toHandle(), STOP_SECONDS)) {
          process.destroyForcibly();
        }
      }
    }
  }
}
