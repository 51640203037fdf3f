// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import com.standardwebhooks.Webhook;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An endpoint of webhooks: keeps what comes, and answers as a test says. */
final class Receiver implements AutoCloseable {
  final List<Request> received = new CopyOnWriteArrayList<>();
  /** Those that were answered with 200. */
  final List<Request> taken = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private volatile ToIntFunction<Request> decision = request -> 200;

  /** A request as it came. */
  record Request(String path, Map<String, List<String>> headers, String body) {
    JsonNode json() {
      return JsonMapper.shared().readTree(body);
    }

    String header(String name) {
      return headers.entrySet().stream().filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(header -> header.getValue().getFirst()).findFirst().orElse("");
    }

    String id() {
      return header("webhook-id");
    }

    String firmware() {
      return json().path("data").path("firmwareId").asString();
    }

    /** Fails if the library of Standard Webhooks does not take the signature. */
    void verify(String secret) throws Exception {
      new Webhook(secret).verify(body, headers);
    }
  }

  Receiver() throws IOException {
    this(0);
  }

  Receiver(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> {
      var request = new Request(exchange.getRequestURI().getPath(), Map.copyOf(exchange.getRequestHeaders()),
          new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      received.add(request);
      int status = decision.applyAsInt(request);
      if (status == 200) {
        taken.add(request);
      }
      exchange.sendResponseHeaders(status, -1);
      exchange.close();
    });
    server.start();
  }

  /** From now on: the status to answer with; it may take its time. */
  void decide(ToIntFunction<Request> decided) {
    decision = decided;
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** The ids of what was taken under this path of this firmware, as it came. */
  List<String> taken(String path, String firmware) {
    return ids(taken.stream(), path, firmware);
  }

  /** The ids of all that came. */
  List<String> received(String path, String firmware) {
    return ids(received.stream(), path, firmware);
  }

  private static List<String> ids(Stream<Request> requests, String path, String firmware) {
    return requests.filter(request -> request.path().equals(path) && request.firmware().equals(firmware))
        .map(Request::id).toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
