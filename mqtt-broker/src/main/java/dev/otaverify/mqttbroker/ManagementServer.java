// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * What operators ask of the broker over HTTP, under the paths that the services have: {@code /actuator/prometheus},
 * {@code /livez} and {@code /readyz}. It has a port of its own, which devices need not reach.
 */
final class ManagementServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final PrometheusMeterRegistry registry;

  /** @param ready whether devices are let in */
  ManagementServer(BrokerConfig.Management config, PrometheusMeterRegistry registry, BooleanSupplier ready) {
    this.registry = registry;
    try {
      server = HttpServer.create(new InetSocketAddress(config.bindAddress(), config.port()), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("management: " + config.bindAddress() + ":" + config.port()
          + " cannot be listened at (expected: a free port)", e);
    }
    server.createContext("/actuator/prometheus",
        exchange -> answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape()));
    server.createContext("/livez", exchange -> answer(exchange, 200, "application/json", "{\"status\":\"UP\"}"));
    server.createContext("/readyz", exchange -> {
      boolean up = ready.getAsBoolean();
      answer(exchange, up ? 200 : 503, "application/json", "{\"status\":\"" + (up ? "UP" : "OUT_OF_SERVICE") + "\"}");
    });
    server.setExecutor(threads);
    server.start();
  }

  private static void answer(HttpExchange exchange, int status, String contentType, String body) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      var bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", contentType);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    registry.close();
  }
}
