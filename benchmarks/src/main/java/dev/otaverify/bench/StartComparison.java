// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Figures.Side;
import dev.otaverify.bench.Figures.Target;
import dev.otaverify.localstack.Part;
import dev.otaverify.localstack.Processes;
import dev.otaverify.localstack.StatusReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * From the start of a JVM to a stack that is ready, from nothing, and the memory that it has soon after, beside the infrastructure with one empty service.
 * Both have the flags of {@code ./ota up}.
 */
final class StartComparison implements Comparison {
  private static final int STOP_SECONDS = 60;
  /** After which memory is looked at: what the compiler used for the start is given back. */
  private static final Duration REST = Duration.ofSeconds(15);
  private static final double MIB = 1 << 20;

  @Override
  public String name() {
    return "start";
  }

  @Override
  public String other() {
    return "Kafka, PostgreSQL, HiveMQ and an empty WebFlux service in one JVM";
  }

  @Override
  public Figures run(Path dir, int rounds, PrintStream out) throws Exception {
    var figures = new Figures();
    for (int round = 1; round <= rounds; round++) {
      for (var side : Side.values()) {
        try (var running = Running.start(side, dir.resolve(side.name() + round))) {
          figures.add("start until ready, s", side, running.seconds);
          Thread.sleep(REST);
          figures.add("resident memory, MiB", side, running.memory() / MIB);
          out.printf("round %d, %s: ready in %.1f s, %.0f MiB%n", round, side, running.seconds, running.memory() / MIB);
        }
      }
    }
    figures.expect("start until ready, s", Target.ratioAtMost(1.5));
    figures.expect("resident memory, MiB", Target.atMost(1.2 * 1024));
    try (var separate = Stack.start(dir.resolve("separate"))) {
      separate.settle();
      Thread.sleep(REST);
      separate.memory().forEach((part, bytes) -> {
        var name = "alone: " + part + ", MiB";
        figures.add(name, Side.STACK, bytes / MIB);
        if (Stream.of(Part.values()).anyMatch(one -> one.isService() && one.id().equals(part))) {
          figures.expect(name, Target.atMost(250));
        }
      });
    }
    return figures;
  }

  private static final class Running implements AutoCloseable {
    private final Process process;
    private final double seconds;

    private Running(Process process, double seconds) {
      this.process = process;
      this.seconds = seconds;
    }

    static Running start(Side side, Path dir) throws IOException {
      Files.createDirectories(dir);
      var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
      ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
          .filter(argument -> !argument.startsWith("-Dota.log=")).forEach(command::add);
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dota.log=" + dir.resolve("stack.log"), "-cp",
          System.getProperty("java.class.path"), Started.class.getName(), side.name(), dir.toString()));
      long begun = System.nanoTime();
      var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      @SuppressWarnings("StreamResourceLeak") // the process may go on printing
      BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(Bare.READY)) {
          return new Running(process, (System.nanoTime() - begun) / 1e9);
        }
      }
      throw new IllegalStateException(side + ": did not start (expected: " + Bare.READY + ")");
    }

    /** Bytes of the JVM and of PostgreSQL, which it has started. */
    long memory() {
      return Stream.concat(Stream.of(process.toHandle()), process.descendants()).mapToLong(StatusReport::memory).sum();
    }

    @Override
    public void close() {
      if (!Processes.stop(process.toHandle(), STOP_SECONDS)) {
        process.destroyForcibly();
      }
    }
  }
}
