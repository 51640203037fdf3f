// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

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
import java.util.stream.Collectors;

/**
 * What stands before several instances of a service, on ports of 127.0.0.1: asks each for {@code /readyz} all the time and gives new
 * connections to those that say yes. Those to one that says no are left to it; those to one that does not answer are closed. It knows
 * nothing of calls, and tries nothing twice.
 */
public final class Balancer implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int UNANSWERED = 2;
  private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(PATIENCE).build();

  private final List<InetSocketAddress> targets;
  private final Set<InetSocketAddress> ready = ConcurrentHashMap.newKeySet();
  private final AtomicInteger turn = new AtomicInteger();
  private final TcpProxy proxy = TcpProxy.to(this::next);
  private final List<Thread> checks;

  /** Before these. */
  public Balancer(List<Integer> ports) {
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

  /** The ports that said yes when they were asked last. */
  public Set<Integer> ready() {
    return ready.stream().map(InetSocketAddress::getPort).collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the one on this port says that it is ready. */
  public static boolean isReady(int port) {
    return status(port) == 200;
  }

  /** 0: no answer. */
  private static int status(int port) {
    try {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz")).timeout(PATIENCE)
          .build();
      return HTTP.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void check(InetSocketAddress target) {
    int unanswered = 0;
    while (!Thread.currentThread().isInterrupted()) {
      int status = status(target.getPort());
      if (status == 200) {
        ready.add(target);
      } else {
        ready.remove(target);
      }
      unanswered = status == 0 ? unanswered + 1 : 0;
      if (unanswered == UNANSWERED) {
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
