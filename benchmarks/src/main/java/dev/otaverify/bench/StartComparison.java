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
 * Both have the flags of {@code ./ota up}; what that keeps for its next start, the classes it has loaded, the infrastructure has in a row of its own.
 */
final class StartComparison implements Comparison {
  private static final int STOP_SECONDS = 60;
  /** After which memory is looked at: what the compiler used for the start is given back. */
  private static final Duration REST = Duration.ofSeconds(15);
  private static final String START = "start until ready, s";
  private static final String MEMORY = "resident memory, MiB";
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
    for (var side : Side.values()) {
      figures.add("first start, which keeps the classes, s", side, seconds(side, true, dir, 0, out));
    }
    for (int round = 1; round <= rounds; round++) {
      try (var running = Running.start(Side.STACK, true, dir, round, out)) {
        figures.add(START, Side.STACK, running.seconds);
        figures.add("both from kept classes, s", Side.STACK, running.seconds);
        figures.add(MEMORY, Side.STACK, running.memory() / MIB);
      }
      try (var running = Running.start(Side.OTHER, false, dir, round, out)) {
        figures.add(START, Side.OTHER, running.seconds);
        figures.add("neither from kept classes, s", Side.OTHER, running.seconds);
        figures.add(MEMORY, Side.OTHER, running.memory() / MIB);
      }
      figures.add("neither from kept classes, s", Side.STACK, seconds(Side.STACK, false, dir, round, out));
      figures.add("both from kept classes, s", Side.OTHER, seconds(Side.OTHER, true, dir, round, out));
    }
    figures.expect(START, Target.ratioAtMost(1.5));
    figures.expect(MEMORY, Target.atMost(1.2 * 1024));
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

  private static double seconds(Side side, boolean kept, Path dir, int round, PrintStream out) throws IOException {
    try (var running = Running.start(side, kept, dir, round, out)) {
      return running.seconds;
    }
  }

  private static final class Running implements AutoCloseable {
    private final Process process;
    private final double seconds;

    private Running(Process process, double seconds) {
      this.process = process;
      this.seconds = seconds;
    }

    static Running start(Side side, boolean kept, Path dir, int round, PrintStream out) throws IOException {
      var own = Files.createDirectories(dir.resolve(side.name() + (kept ? "-kept" : "") + round));
      var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
      ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
          .filter(argument -> !argument.startsWith("-Dota.log=")).forEach(command::add);
      if (kept) {
        command.addAll(List.of("-XX:+AutoCreateSharedArchive",
            "-XX:SharedArchiveFile=" + dir.resolve(side.name() + ".jsa"), "-Xlog:disable"));
      }
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dota.log=" + own.resolve("stack.log"), "-cp",
          System.getProperty("java.class.path"), Started.class.getName(), side.name(), own.toString()));
      long begun = System.nanoTime();
      var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      @SuppressWarnings("StreamResourceLeak") // the process may go on printing
      BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(Bare.READY)) {
          double seconds = (System.nanoTime() - begun) / 1e9;
          out.printf("round %d, %s%s: ready in %.1f s%n", round, side, kept ? ", classes kept" : "", seconds);
          return new Running(process, seconds);
        }
      }
      throw new IllegalStateException(side + ": did not start (expected: " + Bare.READY + ")");
    }

    /** Bytes of the JVM and of PostgreSQL, which it has started, once it has rested. */
    long memory() throws InterruptedException {
      Thread.sleep(REST);
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
