// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports of 127.0.0.1 for servers that are started a moment later, and again on the same port after a crash. */
public final class FreePorts {

  // Below what Linux and macOS hand out to outgoing connections: a port of those is easily taken while a server is down.
  private static final int FIRST = 15_000;
  private static final int LAST = 32_000;

  // In turn, so that none is given twice before the one it was given for listens there; from anywhere, since other processes choose too.
  private static final AtomicInteger NEXT = new AtomicInteger(ThreadLocalRandom.current().nextInt(LAST - FIRST));

  private FreePorts() {}

  /**
   * A port that nobody listens on now, and that this JVM was not given before.
   *
   * @throws IllegalStateException when none was found in many tries
   */
  public static int choose() {
    for (int tries = 0; tries < 1_000; tries++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), LAST - FIRST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("ports: all taken (expected: a free one from " + FIRST + " to " + LAST + ")");
  }

  /** Whether nobody listens on this port of 127.0.0.1 now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[]{127, 0, 0, 1}), port), 1);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
