// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.stack;

import dev.otaverify.localinfra.LocalPostgres;
import dev.otaverify.localinfra.PostgresEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL on a disk of its own that can be full: a small file system in memory, in a namespace that outlives the
 * server, and not the harness. Where the machine has no such namespaces it is on the machine's disk, which is never full.
 */
public final class PostgresNode extends Node implements AutoCloseable {
  private static final String SIZE = "900m";
  private static final int PATIENCE_MILLIS = 2_000;

  private final Path dir;
  private final @Nullable Process disk;

  private PostgresNode(Path dir, @Nullable Process disk, List<String> command, Path log) {
    super("postgres", command, Map.of(), log, () -> isServing(seen(dir, disk)));
    this.dir = dir;
    this.disk = disk;
  }

  static PostgresNode in(Path dir, List<String> java, int port, Path log) {
    try {
      Files.createDirectories(dir);
      @Nullable
      Process disk = disk(dir);
      var command = new ArrayList<String>();
      if (disk != null) {
        command.addAll(List.of("nsenter", "-t", Long.toString(disk.pid()), "-U", "-m", "--preserve-credentials"));
      }
      command.addAll(java);
      command.addAll(List.of(LocalPostgres.class.getName(), "--dir", dir.toString(), "--port", Integer.toString(port)));
      return new PostgresNode(dir, disk, command, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Process disk(Path dir) throws IOException {
    var mount = new ProcessBuilder("unshare", "-U", "-r", "-m", "sh", "-c",
        "mount -t tmpfs -o size=" + SIZE + " tmpfs '" + dir + "' && echo mounted && exec cat")
        .redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      var process = mount.start();
      var answer = process.inputReader().readLine();
      if ("mounted".equals(answer)) {
        return process;
      }
      process.destroyForcibly();
      return null;
    } catch (IOException noSuchProgram) {
      return null;
    }
  }

  /** Whether its disk can be full. */
  public boolean canBeFull() {
    return disk != null;
  }

  private static Path seen(Path dir, @Nullable Process disk) {
    return disk == null ? dir : Path.of("/proc", Long.toString(disk.pid()), "root" + dir);
  }

  /** How to reach it, as a superuser. */
  public PostgresEndpoint endpoint() {
    return LocalPostgres.endpoint(seen(dir, disk));
  }

  private static boolean isServing(Path dir) {
    try (var connection = connection(LocalPostgres.endpoint(dir))) {
      return connection.isValid(1);
    } catch (IllegalStateException | SQLException e) {
      return false;
    }
  }

  /** One that does not wait for a server that is frozen, or has no room. */
  private static Connection connection(PostgresEndpoint endpoint) throws SQLException {
    var connection = endpoint.connect("postgres");
    connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
    return connection;
  }

  /** Fills the disk to the last byte. */
  public void fill() {
    inNamespace("dd if=/dev/zero of='" + dir + "/fill' bs=64k 2>/dev/null; dd if=/dev/zero of='" + dir
        + "/fill2' bs=512 2>/dev/null; true");
  }

  /** Makes room again. */
  public void empty() {
    inNamespace("rm -f '" + dir + "/fill' '" + dir + "/fill2'");
  }

  /** Makes the server need a new file of its log. */
  public void switchLog() {
    try (var connection = connection(endpoint()); var statement = connection.createStatement()) {
      statement.execute("select pg_switch_wal()");
    } catch (SQLException refused) {
      // It may have no room for that, which is what this is for.
    }
  }

  private void inNamespace(String script) {
    if (disk == null) {
      throw new IllegalStateException("disk: the machine's (expected: one of its own)");
    }
    try {
      var process = new ProcessBuilder("nsenter", "-t", Long.toString(disk.pid()), "-U", "-m",
          "--preserve-credentials", "sh", "-c", script).redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Its owner, and the server, which is no child of it. */
  @Override
  List<ProcessHandle> processes() {
    var all = new ArrayList<>(super.processes());
    try {
      var lines = Files.readAllLines(seen(dir, disk).resolve("data").resolve("postmaster.pid"));
      ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
          .filter(server -> server.info().command().orElse("").endsWith("postgres")).ifPresent(server -> {
            all.add(server);
            server.descendants().forEach(all::add);
          });
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException notRunning) {
      // Then there is only the owner.
    }
    return all;
  }

  /** Lets go of its disk, with all that is on it. */
  @Override
  public void close() {
    if (disk != null) {
      disk.destroyForcibly();
    }
  }
}
