// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes of one PostgreSQL data directory: makes it, starts it, stops it, clears up after a kill. */
final class Postmaster {

  private static final Logger LOG = LoggerFactory.getLogger(Postmaster.class);
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Path PROC = Path.of("/proc");

  private final Path bin;
  private final Path data;
  private final Path ctlLog;
  private final Path serverLog;

  Postmaster(Path home, StateDir state) {
    this.bin = home.resolve("bin");
    this.data = state.resolve("data");
    this.ctlLog = state.resolve("pg_ctl.log");
    this.serverLog = state.resolve("postgres.log");
  }

  /** Makes the data directory unless it is there. A half-made one, left by a kill, is thrown away. */
  void initialise(Path superuserPassword, boolean sync) throws IOException {
    if (Files.exists(data)) {
      return;
    }
    Path part = data.resolveSibling("data.part");
    PostgresBinaries.delete(part);
    var command = new ArrayList<>(List.of(bin.resolve("initdb").toString(), "-D", part.toString(), "-U", "postgres",
        "-A", "scram-sha-256", "--pwfile", superuserPassword.toString(), "-E", "UTF8", "--locale", "C",
        "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"));
    if (!sync) {
      command.add("--no-sync");
    }
    run(command);
    Path configuration = part.resolve("postgresql.conf");
    Files.writeString(configuration, "\ninclude_if_exists = 'local.conf'\n", StandardOpenOption.APPEND);
    if (sync) {
      force(configuration);
    }
    Files.move(part, data);
    if (sync) {
      force(data.resolveSibling("."));
    }
  }

  /** A power cut must not take back the directory's name, with everything that is committed in it. */
  private static void force(Path fileOrDirectory) throws IOException {
    try (FileChannel channel = FileChannel.open(fileOrDirectory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  void start(String configuration) throws IOException {
    StateDir.writeAtomically(data.resolve("local.conf"), configuration, true);
    run(List.of(bin.resolve("pg_ctl").toString(), "start", "-D", data.toString(), "-l", serverLog.toString(), "-w",
        "-t",
        "50"));
  }

  /** Fast: refuses new work, rolls back what is open, writes a checkpoint. Immediate: what is not in the log is recovered at the next start. */
  void stop(boolean immediate) {
    if (!runs()) {
      return;
    }
    try {
      run(List.of(bin.resolve("pg_ctl").toString(), "stop", "-D", data.toString(), "-m",
          immediate ? "immediate" : "fast",
          "-w", "-t", "30"));
    } catch (IllegalStateException e) {
      // pg_ctl also fails when the server is killed while it waits, since the server's file stays behind.
      if (runs()) {
        throw e;
      }
    }
  }

  /** After a kill of the JVM the server runs on; after a kill of the server its file stays. Nobody else owns the directory here. */
  void stopLeftBehind() throws IOException {
    if (!Files.exists(data)) {
      return;
    }
    if (runs()) {
      LOG.atInfo().addKeyValue("dir", data).log("Stopping the PostgreSQL server that a killed process left behind");
      try {
        stop(false);
      } catch (IllegalStateException e) {
        LOG.atWarn().addKeyValue("dir", data).setCause(e).log("PostgreSQL did not stop when it was asked to");
      }
    }
    // The children of a killed server notice soon, and end themselves.
    if (!await(() -> processes().isEmpty(), Duration.ofSeconds(10))) {
      processes().forEach(ProcessHandle::destroyForcibly);
      await(() -> processes().isEmpty(), LONGEST);
    }
    // PostgreSQL would be misled by a stale file when another program has its number by now.
    if (Files.isDirectory(PROC)) {
      Files.deleteIfExists(data.resolve("postmaster.pid"));
    }
  }

  private boolean runs() {
    long pid = pid(data.resolve("postmaster.pid"));
    return processes().stream().anyMatch(process -> process.pid() == pid);
  }

  /** What runs on the data directory. PostgreSQL's processes have it as their working directory. */
  private List<ProcessHandle> processes() {
    if (!Files.isDirectory(PROC)) {
      return ProcessHandle.of(pid(data.resolve("postmaster.pid")))
          .filter(process -> process.info().command().orElse("").endsWith("postgres")).stream().toList();
    }
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.filter(process -> data.equals(workingDirectory(process.pid()))).toList();
    }
  }

  private static @Nullable Path workingDirectory(long pid) {
    try {
      return Files.readSymbolicLink(PROC.resolve(Long.toString(pid)).resolve("cwd"));
    } catch (IOException goneOrNotOurs) {
      return null;
    }
  }

  private static long pid(Path pidFile) {
    try {
      List<String> lines = Files.exists(pidFile) ? Files.readAllLines(pidFile) : List.of();
      return lines.isEmpty() ? -1 : Long.parseLong(lines.getFirst().strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NumberFormatException halfWritten) {
      return -1;
    }
  }

  private static boolean await(BooleanSupplier condition, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
    return true;
  }

  private void run(List<String> program) {
    var command = new ArrayList<String>();
    if ("root".equals(System.getProperty("user.name")) && Files.isDirectory(PROC)) {
      // PostgreSQL refuses to run as root. In a user namespace of its own it is nobody, and its files are still ours.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(program);
    var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ctlLog.toFile());
    builder.environment().put("LC_ALL", "C");
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    try {
      Process process = builder.start();
      if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw failed(program, "no end in " + LONGEST);
      }
      if (process.exitValue() != 0) {
        throw failed(program, "exit status " + process.exitValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private IllegalStateException failed(List<String> program, String how) throws IOException {
    return new IllegalStateException(
        String.join(" ", program) + ": " + how + "\n" + tail(ctlLog) + "\n" + tail(serverLog));
  }

  private static String tail(Path log) throws IOException {
    if (!Files.exists(log)) {
      return "";
    }
    String text = Files.readString(log);
    return log.getFileName() + ": " + text.substring(Math.max(0, text.length() - 2_000)).strip();
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for PostgreSQL", e);
  }
}
