// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.stack;

import dev.otaverify.testinfra.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What stands before several instances of a service: asks each for {@code /readyz} all the time, gives new connections to
 * those that say yes, and closes those to the others.
 */
public final class Balancer implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(PATIENCE).build();

  private final List<InetSocketAddress> targets;
  private final Set<InetSocketAddress> ready = ConcurrentHashMap.newKeySet();
  private final AtomicInteger turn = new AtomicInteger();
  private final TcpProxy proxy = TcpProxy.to(this::next);
  private final List<Thread> checks;

  Balancer(List<Integer> ports) {
    targets = ports.stream().map(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port)).toList();
    checks = targets.stream().map(target -> Thread.ofVirtual().name("readiness-" + target.getPort())
        .start(() -> check(target))).toList();
  }

  /** The network in front of it. */
  public TcpProxy proxy() {
    return proxy;
  }

  /** {@code http://127.0.0.1:PORT}. */
  public String url() {
    return "http://" + proxy.address();
  }

  /** Whether one says so. */
  static boolean isReady(int port) {
    try {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz")).timeout(PATIENCE)
          .build();
      return HTTP.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void check(InetSocketAddress target) {
    int failures = 0;
    while (!Thread.currentThread().isInterrupted()) {
      if (isReady(target.getPort())) {
        failures = 0;
        ready.add(target);
      } else if (++failures == 2 && ready.remove(target)) {
        proxy.drop(target);
      }
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** With none that is ready any may try: its refusal says more than none. */
  private InetSocketAddress next() {
    var chosen = targets.stream().filter(ready::contains).toList();
    var among = chosen.isEmpty() ? targets : chosen;
    return among.get(Math.floorMod(turn.getAndIncrement(), among.size()));
  }

  @Override
  public void close() {
    checks.forEach(Thread::interrupt);
    proxy.close();
  }
}
