// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before a server. When asked to, it lets the next request through, waits for the answer, throws it away and
 * closes the connection: what was asked has been done, and the client cannot know.
 */
final class AnswerSwallowingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final String host;
  private final int port;
  private final AtomicBoolean armed = new AtomicBoolean();
  private final AtomicInteger swallowed = new AtomicInteger();

  AnswerSwallowingProxy(String host, int port) throws IOException {
    this.host = host;
    this.port = port;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  void swallowTheNextAnswer() {
    armed.set(true);
  }

  int swallowed() {
    return swallowed.get();
  }

  private void accept() {
    try {
      while (true) {
        var client = listener.accept();
        var server = new Socket(host, port);
        var toBeSwallowed = new AtomicBoolean();
        Thread.startVirtualThread(() -> forward(client, server, () -> {
          // The first request after arming is the commit: the pool's other connections are idle.
          if (armed.compareAndSet(true, false)) {
            toBeSwallowed.set(true);
          }
          return true;
        }));
        Thread.startVirtualThread(() -> forward(server, client, () -> {
          if (toBeSwallowed.get()) {
            swallowed.incrementAndGet();
            return false;
          }
          return true;
        }));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private interface Pass {
    boolean on();
  }

  private static void forward(Socket from, Socket to, Pass pass) {
    try (from; to) {
      var buffer = new byte[65536];
      int read;
      while ((read = from.getInputStream().read(buffer)) >= 0 && pass.on()) {
        to.getOutputStream().write(buffer, 0, read);
      }
    } catch (IOException closed) {
      // by the other direction
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
