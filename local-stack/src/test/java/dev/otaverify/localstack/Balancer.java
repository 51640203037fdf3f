// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Shares connections among those of some ports whose {@code /readyz} says yes, as it finds out every now and then, and passes on what they
 * say as it is. It knows nothing of calls, and tries nothing twice.
 */
final class Balancer implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(200);

  private final List<Integer> backends;
  private final Set<Integer> ready = ConcurrentHashMap.newKeySet();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ServerSocket server;
  private final AtomicInteger next = new AtomicInteger();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
  private final Thread checks;

  Balancer(List<Integer> backends) {
    this.backends = List.copyOf(backends);
    try {
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    checks = Thread.ofVirtual().start(this::check);
    var unused = Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  Set<Integer> ready() {
    return Set.copyOf(ready);
  }

  private void check() {
    try {
      while (!server.isClosed()) {
        for (int port : backends) {
          if (isReady(port)) {
            ready.add(port);
          } else {
            ready.remove(port);
          }
        }
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException closed) {
      // as asked
    }
  }

  private boolean isReady(int port) throws InterruptedException {
    try {
      return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz"))
          .timeout(Duration.ofSeconds(1)).build(), BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException gone) {
      return false;
    }
  }

  private void accept() {
    try {
      while (true) {
        var client = server.accept();
        sockets.add(client);
        var unused = Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException closed) {
      // as asked
    }
  }

  private void serve(Socket client) {
    var chosen = new ArrayList<>(ready);
    try (client) {
      if (chosen.isEmpty()) {
        return;
      }
      try (var backend = new Socket(InetAddress.getLoopbackAddress(),
          chosen.get(Math.floorMod(next.getAndIncrement(), chosen.size())))) {
        client.setTcpNoDelay(true);
        backend.setTcpNoDelay(true);
        var back = Thread.ofVirtual().start(() -> copy(backend, client));
        copy(client, backend);
        back.join();
      }
    } catch (IOException | InterruptedException broken) {
      // The client sees it.
    } finally {
      sockets.remove(client);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException broken) {
      try {
        to.close();
      } catch (IOException closed) {
        // nothing to lose
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    checks.interrupt();
    for (var socket : sockets) {
      socket.close();
    }
    http.close();
  }
}
