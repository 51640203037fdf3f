// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.sun.net.httpserver.HttpServer;
import dev.otaverify.contracts.DeviceId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Plays job-service, as far as it is asked for devices' secrets. */
final class JobServiceStub implements AutoCloseable {
  static final String TOKEN = "internal-token";

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final HttpServer server;
  private volatile boolean broken;

  JobServiceStub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/internal/devices/", exchange -> {
      asked.incrementAndGet();
      var answer = answers.get(exchange.getRequestURI().getPath());
      var body = (answer == null ? "{}" : answer).getBytes(StandardCharsets.UTF_8);
      boolean mayAsk = ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
      exchange.sendResponseHeaders(broken ? 503 : !mayAsk ? 401 : answer == null ? 404 : 200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }

  void knows(DeviceId device, String secret, boolean enabled) {
    answers.put("/internal/devices/" + device.key() + "/credentials",
        "{\"deviceSecret\":\"" + secret + "\",\"enabled\":" + enabled + ",\"more\":1}");
  }

  void forgets(DeviceId device) {
    answers.remove("/internal/devices/" + device.key() + "/credentials");
  }

  void breaks() {
    broken = true;
  }

  void works() {
    broken = false;
  }

  int asked() {
    return asked.get();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
