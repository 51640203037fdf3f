// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Plays the internal APIs of other services: answers what a test puts there, else 404. */
final class HttpDouble implements AutoCloseable {
  /** A request as it came. */
  record Asked(String pathAndQuery, String authorization) {}

  /** What to answer. */
  record Given(int status, String json) {}

  final List<Asked> asked = new CopyOnWriteArrayList<>();
  final Map<String, Given> answers = new ConcurrentHashMap<>();
  /** What is answered for all else. */
  volatile Given otherwise = new Given(404, "");
  /** So many requests next are not answered: their connection ends, as that of an instance that is stopped. */
  final AtomicInteger broken = new AtomicInteger();
  private final HttpServer server;

  HttpDouble() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      if (broken.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        exchange.close();
        return;
      }
      var uri = exchange.getRequestURI();
      asked.add(new Asked(uri.toString(), exchange.getRequestHeaders().getFirst("Authorization")));
      var given = answers.getOrDefault(uri.getPath(), otherwise);
      var body = given.json().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(given.status(), body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
      exchange.close();
    });
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
