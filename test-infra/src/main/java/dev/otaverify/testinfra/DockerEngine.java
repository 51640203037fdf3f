// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The three questions to a Docker engine that decide whether containers can be used; silent and quick when there is none. */
record DockerEngine(SocketAddress address) {

  private static final Duration PING = Duration.ofSeconds(2);
  private static final Duration PULL = Duration.ofMinutes(3);

  /** The engine that answers where Testcontainers will look, or null. */
  static @Nullable DockerEngine find() {
    for (SocketAddress address : addresses()) {
      var engine = new DockerEngine(address);
      if (engine.request("GET", "/_ping", PING).startsWith("HTTP/1.1 200")) {
        return engine;
      }
    }
    return null;
  }

  private static Iterable<SocketAddress> addresses() {
    var addresses = new ArrayList<SocketAddress>();
    String host = System.getenv("DOCKER_HOST");
    if (host != null && !host.isEmpty()) {
      if (host.startsWith("unix://")) {
        addresses.add(UnixDomainSocketAddress.of(host.substring("unix://".length())));
      } else if (host.startsWith("tcp://")) {
        URI uri = URI.create(host);
        addresses.add(new InetSocketAddress(uri.getHost(), uri.getPort() > 0 ? uri.getPort() : 2375));
      }
      return addresses;
    }
    var sockets = new ArrayList<Path>();
    sockets.add(Path.of("/var/run/docker.sock"));
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime != null) {
      sockets.add(Path.of(runtime, "docker.sock"));
    }
    sockets.add(Path.of(System.getProperty("user.home"), ".docker", "run", "docker.sock"));
    sockets.stream().filter(Files::exists).forEach(socket -> addresses.add(UnixDomainSocketAddress.of(socket)));
    return addresses;
  }

  boolean hasOrPulls(String image) {
    if (has(image)) {
      return true;
    }
    int colon = image.lastIndexOf(':');
    request("POST", "/images/create?fromImage=" + image.substring(0, colon) + "&tag=" + image.substring(colon + 1),
        PULL);
    return has(image);
  }

  private boolean has(String image) {
    return request("GET", "/images/" + image + "/json", PING).startsWith("HTTP/1.1 200");
  }

  /** The whole answer, or nothing when there is none in time. */
  private String request(String method, String path, Duration atMost) {
    try (SocketChannel channel = address instanceof UnixDomainSocketAddress
        ? SocketChannel.open(StandardProtocolFamily.UNIX)
        : SocketChannel.open()) {
      var answer = new FutureTask<>(() -> exchange(channel, method, path));
      Thread.ofPlatform().daemon().name("docker-engine").start(answer);
      return answer.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException | ExecutionException | TimeoutException none) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private String exchange(SocketChannel channel, String method, String path) throws IOException {
    channel.connect(address);
    String request = method + " " + path
        + " HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for (var out = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)); out.hasRemaining();) {
      channel.write(out);
    }
    var answer = new ByteArrayOutputStream();
    var in = ByteBuffer.allocate(8192);
    while (channel.read(in) >= 0) {
      answer.write(in.array(), 0, in.position());
      in.clear();
    }
    return answer.toString(StandardCharsets.UTF_8);
  }
}
