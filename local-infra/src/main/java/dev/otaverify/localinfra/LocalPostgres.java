// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server, as processes beside this JVM, listening on 127.0.0.1 only. Runs as root too, where the kernel allows
 * {@code unshare -U}.
 *
 * <p>
 * What it holds is in its directory. When this JVM is killed the server runs on, without an owner: the next start on the directory
 * stops it first. A start after a kill of the server itself recovers.
 *
 * <p>
 * The superuser {@code postgres} logs in with a password that is made at the first start and kept in {@code superuser.password}
 * (mode 0600).
 */
public final class LocalPostgres implements AutoCloseable {

  private static final String PASSWORD_FILE = "superuser.password";
  private static final String PORT_FILE = "postgres.port";

  private final StateDir state;
  private final Postmaster postmaster;
  private final Mode mode;
  private final PostgresEndpoint endpoint;
  private boolean closed;

  /** What a commit is worth. */
  public enum Mode {
    /** A commit survives a power cut. */
    DURABLE,
    /** A commit survives a kill of the server but not of the machine; for tests. */
    FAST
  }

  /**
   * Where and how.
   *
   * @param dir everything the server keeps; created when absent
   * @param port 0 for the one of the last start on the directory, at first any free one
   * @param mode what a commit is worth
   * @param binaries where the server's programs are unpacked to, once; null for a cache directory of the user
   */
  public record Config(Path dir, int port, Mode mode, @Nullable Path binaries) {

    public Config {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
      }
    }

    /** A durable server in {@code dir}, on a port that is chosen at the first start. */
    public static Config in(Path dir) {
      return new Config(dir, 0, Mode.DURABLE, null);
    }

    /** The same, on this port. */
    public Config port(int number) {
      return new Config(dir, number, mode, binaries);
    }

    /** The same, in this mode. */
    public Config mode(Mode other) {
      return new Config(dir, port, other, binaries);
    }

    /** The same, with the programs in this directory. */
    public Config binaries(Path other) {
      return new Config(dir, port, mode, other);
    }
  }

  private LocalPostgres(StateDir state, Postmaster postmaster, Mode mode, PostgresEndpoint endpoint) {
    this.state = state;
    this.postmaster = postmaster;
    this.mode = mode;
    this.endpoint = endpoint;
  }

  /**
   * Starts, making the data directory if there is none; returns when the server takes connections.
   *
   * @throws IllegalStateException when the directory is in use, the port is taken, or the server does not come up (with its log)
   */
  public static LocalPostgres start(Config config) {
    StateDir state = StateDir.open(config.dir());
    try {
      Path home = PostgresBinaries.in(Objects.requireNonNullElseGet(config.binaries(), PostgresBinaries::defaultCache));
      var postmaster = new Postmaster(home, state);
      postmaster.stopLeftBehind();
      int port = state.port(PORT_FILE, config.port());
      Path password = state.secret(PASSWORD_FILE);
      postmaster.initialise(password, config.mode() == Mode.DURABLE);
      postmaster.start(configuration(port, config.mode()));
      return new LocalPostgres(state, postmaster, config.mode(), endpoint(state.resolve("")));
    } catch (IOException e) {
      state.close();
      throw new UncheckedIOException(e);
    } catch (Throwable failed) {
      state.close();
      throw failed;
    }
  }

  /**
   * Stops a server whose owner was killed; does nothing if there is none.
   *
   * @throws IllegalStateException when the directory has an owner
   */
  public static void stopLeftBehind(Path dir) {
    try (StateDir state = StateDir.open(dir)) {
      new Postmaster(PostgresBinaries.in(PostgresBinaries.defaultCache()), state).stopLeftBehind();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String configuration(int port, Mode mode) {
    String durable = mode == Mode.DURABLE ? "on" : "off";
    return String.join("\n",
        "listen_addresses = '127.0.0.1'",
        "port = " + port,
        "unix_socket_directories = ''",
        "max_connections = 200",
        "shared_buffers = 256MB",
        "fsync = " + durable,
        "full_page_writes = " + durable,
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "log_checkpoints = off",
        "jit = off",
        "");
  }

  /**
   * How to reach the server that was started on a directory, from any process of the same user.
   *
   * @throws IllegalStateException when none ever was
   */
  public static PostgresEndpoint endpoint(Path dir) {
    String port = StateDir.read(dir.resolve(PORT_FILE));
    String password = StateDir.read(dir.resolve(PASSWORD_FILE));
    if (port == null || password == null) {
      throw new IllegalStateException("dir: " + dir + " (expected: a directory in which a server was started)");
    }
    return new PostgresEndpoint("127.0.0.1", Integer.parseInt(port), "postgres", password);
  }

  /** How to reach it. */
  public PostgresEndpoint endpoint() {
    return endpoint;
  }

  /** {@link PostgresEndpoint#createDatabase}. */
  public void createDatabase(String name, String role, String password) {
    endpoint.createDatabase(name, role, password);
  }

  /** {@link PostgresEndpoint#jdbcUrl}. */
  public String jdbcUrl(String database) {
    return endpoint.jdbcUrl(database);
  }

  public String host() {
    return endpoint.host();
  }

  public int port() {
    return endpoint.port();
  }

  /** Stops the server, disconnecting whoever is connected; what it holds stays. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      postmaster.stop(mode == Mode.FAST);
    } finally {
      state.close();
    }
  }

  /**
   * The server with an owner process of its own: {@code --dir DIR [--port N] [--mode durable|fast] [--binaries DIR]}. Prints
   * {@code ready postgres 127.0.0.1:PORT} and runs until SIGTERM, which stops the server too.
   */
  public static void main(String[] args) throws InterruptedException {
    Launch launch = Launch.of(args, "dir", "port", "mode", "binaries");
    launch.run("postgres", () -> {
      Mode mode = "fast".equals(launch.get("mode")) ? Mode.FAST : Mode.DURABLE;
      Config config = Config.in(launch.dir()).port(launch.port()).mode(mode);
      String binaries = launch.get("binaries");
      LocalPostgres postgres = start(binaries == null ? config : config.binaries(Path.of(binaries)));
      return new Launch.Running(postgres.host() + ":" + postgres.port(), postgres);
    });
  }
}
