// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One attempt against a real HTTP server. */
class EndpointsTest {
  private static final String SECRET = StandardWebhooks.newSecret();

  private final List<String> received = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void aServer() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      var path = exchange.getRequestURI().getPath();
      received.add(path + " " + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      exchange.getResponseHeaders().add("Location", "/elsewhere");
      exchange.getResponseHeaders().add("Retry-After", "17");
      if (path.equals("/endless")) {
        exchange.sendResponseHeaders(200, 0);
        var chunk = new byte[16 * 1024];
        try (var body = exchange.getResponseBody()) {
          while (true) {
            body.write(chunk);
          }
        }
      }
      exchange.sendResponseHeaders(Integer.parseInt(path.substring(1)), -1);
      exchange.close();
    });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
                         200, delivered, 0
                         204, delivered, 0
                         302, failed, 0
                         307, failed, 0
                         400, failed, 0
                         410, gone, 0
                         429, failed, 17
                         500, failed, 0
                         503, failed, 17
                         """)
  void theStatusAloneSaysWhatCameOfIt(int status, String outcome, long retryAfter) {
    var attempt = attempt(url("127.0.0.1", "/" + status), true);

    assertThat(attempt.status()).isEqualTo(status);
    assertThat(attempt.outcome()).isEqualTo(outcome);
    assertThat(attempt.error()).isEqualTo(outcome.equals("delivered") ? null : "HTTP " + status);
    assertThat(attempt.retryAfter()).hasSeconds(retryAfter);
    assertThat(received).containsExactly("/" + status + " {\"a\":\"é\"}");
  }

  @Test
  void anAnswerWithoutEndIsReadOnlyAsFarAsNeeded() {
    var attempt = attempt(url("127.0.0.1", "/endless"), true);

    assertThat(attempt.isDelivered()).isTrue();
    assertThat(attempt.took()).isLessThan(Duration.ofSeconds(8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"})
  void whereTheHostLeadsToIsLookedAtWhenItIsConnectedTo(String host) {
    var attempt = attempt(url(host, "/200"), false);

    assertThat(attempt.isDelivered()).isFalse();
    assertThat(attempt.error()).contains("not allowed for webhooks");
    assertThat(received).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://169.254.169.254/latest/meta-data", "http://0.0.0.0:1/", "http://[fe80::1]/",
      "http://[::ffff:169.254.169.254]/"})
  void theMetadataOfACloudIsNeverConnectedTo(String url) {
    assertThat(attempt(url, true).error()).contains("not allowed for webhooks");
  }

  @Test
  void whatCannotBeReachedIsAFailureWithItsReason() {
    int port = server.getAddress().getPort();
    server.stop(0);

    assertThat(attempt("http://127.0.0.1:" + port + "/?token=1", true).error()).contains("onnection refused")
        .doesNotContain("token");
    assertThat(attempt("http://nowhere.invalid/", true).error()).startsWith("host not found: nowhere.invalid");
  }

  private String url(String host, String path) {
    return "http://" + host + ":" + server.getAddress().getPort() + path;
  }

  private static Attempt attempt(String url, boolean allowLoopback) {
    try (var endpoints = new Endpoints(WebhookPropertiesTest.properties(allowLoopback), Clock.systemUTC())) {
      return Objects.requireNonNull(endpoints.post(url, "job-service:x:1", "{\"a\":\"é\"}", List.of(SECRET)).block());
    }
  }
}
