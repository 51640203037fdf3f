// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of 127.0.0.1 for servers that are started a moment later, and again on the same port after a crash. */
public final class FreePorts {

  // Below what Linux and macOS hand out to outgoing connections: a port of those is easily taken while a server is down.
  private static final int FIRST = 15_000;
  private static final int LAST = 32_000;

  private FreePorts() {}

  /**
   * A port that nobody listens on now.
   *
   * @throws IllegalStateException when none was found in many tries
   */
  public static int choose() {
    for (int tries = 0; tries < 1_000; tries++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("ports: all taken (expected: a free one from " + FIRST + " to " + LAST + ")");
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[]{127, 0, 0, 1}), port), 1);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
