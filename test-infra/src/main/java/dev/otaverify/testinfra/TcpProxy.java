// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A network that a test can spoil: listens on a port of 127.0.0.1 and forwards to a server, or to one of several.
 *
 * <pre>
 *            cut()                      freeze()
 *  CUT ◀────────────── FORWARDING ──────────────▶ FROZEN
 *   │ ▲ └── restore() ──▶ ▲  ▲ ◀── restore() ──────┘ │
 *   │ └──────────────────────────── cut() ───────────┘
 * </pre>
 *
 * A Kafka client finds its way around a proxy unless the broker advertises it: {@code advertised.listeners}.
 */
public final class TcpProxy implements AutoCloseable {

  private enum Network {
    FORWARDING, FROZEN, CUT
  }

  private final Supplier<InetSocketAddress> target;
  private final ServerSocket listener;
  private final Set<Socket> sockets = new HashSet<>();
  private Network network = Network.FORWARDING;
  private volatile Duration latency = Duration.ZERO;

  private TcpProxy(Supplier<InetSocketAddress> target) {
    this.target = target;
    this.listener = listen();
  }

  /** Forwards to this server, which need not be there yet. */
  @SuppressWarnings("AddressSelection") // which address of a host is of no interest to a test
  public static TcpProxy to(String host, int port) {
    return to(() -> new InetSocketAddress(host, port));
  }

  /** Forwards each connection to the server that is named for it, as a balancer does. */
  public static TcpProxy to(Supplier<InetSocketAddress> target) {
    return new TcpProxy(target);
  }

  /** The port to connect to instead of the server's; the same for the life of the proxy. */
  public int port() {
    return listener.getLocalPort();
  }

  /** {@code 127.0.0.1:PORT}. */
  public String address() {
    return "127.0.0.1:" + port();
  }

  /** As if the server had crashed: closes every connection on both sides, and new ones at once. */
  public synchronized void cut() {
    network = Network.CUT;
    List.copyOf(sockets).forEach(TcpProxy::closeQuietly);
    sockets.clear();
    notifyAll();
  }

  /**
   * As if the server had been stopped in its tracks: connections stay open and new ones are accepted, but nothing goes through. What is
   * sent meanwhile arrives after {@link #restore}.
   *
   * @throws IllegalStateException when it is cut
   */
  public synchronized void freeze() {
    if (network == Network.CUT) {
      throw new IllegalStateException("network: CUT (expected: FORWARDING or FROZEN)");
    }
    network = Network.FROZEN;
  }

  /** Holds up everything for so long, on its way there and on its way back; {@link #restore} ends it. */
  public void slow(Duration oneWay) {
    latency = oneWay;
  }

  /** Closes the connections to one of the servers, as a balancer does that takes it for dead. */
  public synchronized void drop(InetSocketAddress server) {
    // The pump of each finds its socket closed, and closes the other side.
    sockets.stream().filter(socket -> server.equals(socket.getRemoteSocketAddress())).toList()
        .forEach(TcpProxy::closeQuietly);
  }

  /** Forwards again, at full speed; what was cut is not connected again by itself. */
  public synchronized void restore() {
    network = Network.FORWARDING;
    latency = Duration.ZERO;
    notifyAll();
  }

  /** The number of connections through it now. */
  public synchronized int connections() {
    // Each has a socket on either side; one that waits for a frozen network has none to the server yet.
    return (int) sockets.stream().filter(socket -> socket.getLocalPort() == port()).count();
  }

  @Override
  public void close() {
    closeQuietly(listener);
    cut();
  }

  private ServerSocket listen() {
    try {
      var socket = new ServerSocket();
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[]{127, 0, 0, 1}), 0));
      Thread.ofVirtual().name("tcp-proxy").start(() -> accept(socket));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket from) {
    while (true) {
      try {
        Socket client = from.accept();
        if (joined(client)) {
          Thread.ofVirtual().start(() -> connect(client));
        }
      } catch (IOException closed) {
        return;
      }
    }
  }

  /** Counts a socket in, or closes it: one that is accepted while the network is cut must not outlive that. */
  private synchronized boolean joined(Socket socket) {
    if (network == Network.CUT) {
      closeQuietly(socket);
      return false;
    }
    return sockets.add(socket);
  }

  private void connect(Socket client) {
    try {
      awaitThaw();
      Socket server = new Socket();
      server.connect(target.get());
      if (!joined(server)) {
        return;
      }
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread.ofVirtual().start(() -> pump(client, server));
      pump(server, client);
    } catch (IOException noServer) {
      leave(client);
    }
  }

  private void pump(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[16_384];
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        awaitThaw();
        holdUp();
        out.write(buffer, 0, length);
      }
      awaitThaw();
      to.shutdownOutput();
      if (from.isOutputShutdown()) {
        leave(from);
        leave(to);
      }
    } catch (IOException closed) {
      leave(from);
      leave(to);
    }
  }

  private synchronized void awaitThaw() throws IOException {
    try {
      while (network == Network.FROZEN) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    if (network == Network.CUT) {
      throw new IOException("cut");
    }
  }

  private void holdUp() throws IOException {
    try {
      Thread.sleep(latency);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private synchronized void leave(Socket socket) {
    closeQuietly(socket);
    sockets.remove(socket);
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception closedAlready) {
      // Nothing is left to do with it.
    }
  }
}
