// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a call is sent again, against a server that answers as it is told. */
class ApiClientTest {
  private record Answer(int status, String body) {}

  private final Deque<Answer> answers = new ArrayDeque<>();
  private final List<String> received = new ArrayList<>();
  private HttpServer server;
  private ApiClient api;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      var answer = answers.remove();
      var body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    api = new ApiClient(URI.create("http://127.0.0.1:" + server.getAddress().getPort()), "id", "secret");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void theSameRequestGoesAgainWhileItIsNotTheAccountsTurnOrTheOutcomeIsUnknown() {
    answers.add(new Answer(400, "{\"Code\":\"Throttling.User\",\"Success\":false}"));
    answers.add(new Answer(503, "{\"Code\":\"ServiceUnavailable.OutcomeUnknown\",\"Success\":false}"));
    answers.add(new Answer(200, "{\"Success\":true,\"Data\":7}"));

    assertThat(api.call("QueryProduct", Map.of()).path("Data").asInt()).isEqualTo(7);
    assertThat(received).hasSize(3);
    assertThat(received).containsOnly(received.getFirst());
  }

  @Test
  void aRequestThatCameTooLateIsMadeAnew() {
    answers.add(new Answer(200, "{\"Code\":\"iot.system.RequestExpired\",\"Success\":false}"));
    answers.add(new Answer(200, "{\"Success\":true}"));

    api.call("QueryProduct", Map.of());
    assertThat(received).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void aRefusalIsFinal() {
    answers.add(new Answer(200, "{\"Code\":\"iot.prod.NotExistedProduct\",\"Message\":\"why\",\"Success\":false}"));

    assertThatThrownBy(() -> api.call("QueryProduct", Map.of())).isInstanceOf(ApiClient.RefusedException.class)
        .hasMessage("QueryProduct: iot.prod.NotExistedProduct: why");
  }
}
