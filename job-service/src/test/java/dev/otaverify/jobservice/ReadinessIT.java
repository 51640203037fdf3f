// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Topics;
import dev.otaverify.testinfra.TcpProxy;
import dev.otaverify.testinfra.TestInfra;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** What a service says of itself while its database is away: that it cannot work, and not that a new start would help. */
class ReadinessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void withoutItsDatabaseAServiceIsAliveAndNotReadyUntilItIsBack() throws Exception {
    TestInfra.createTopics(Topics.all());
    var database = TestInfra.freshDatabase("job_service");
    try (var network = TcpProxy.to(database.host(), database.port());
        var service = JobServiceApplication.start("--server.port=0",
            "--spring.kafka.bootstrap-servers=" + TestInfra.kafkaBootstrapServers(), "--ota.database.host=127.0.0.1",
            "--ota.database.port=" + network.port(), "--ota.database.name=" + database.database(),
            "--ota.database.user=" + database.user(), "--ota.database.password=" + database.password(),
            "--ota.internal-token=0123456789abcdef-token")) {
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(get(service, "/readyz").statusCode()).isEqualTo(200));
      await().atMost(PATIENCE)
          .untilAsserted(() -> assertThat(get(service, "/actuator/prometheus").body()).contains("\nota_ready 1.0"));

      for (boolean frozen : List.of(false, true)) {
        if (frozen) {
          network.freeze();
        } else {
          network.cut();
        }
        await().atMost(PATIENCE).untilAsserted(() -> {
          var readiness = get(service, "/readyz");
          assertThat(readiness.statusCode()).isEqualTo(503);
          assertThat(readiness.body()).contains("\"r2dbc\":{\"status\":\"DOWN\"}");
        });
        assertThat(get(service, "/livez").statusCode()).isEqualTo(200);
        if (!frozen) {
          await().atMost(PATIENCE)
              .untilAsserted(() -> assertThat(get(service, "/actuator/prometheus").body()).contains("\nota_ready 0.0"));
        }

        network.restore();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(get(service, "/readyz").statusCode()).isEqualTo(200));
      }
    }
  }

  private static HttpResponse<String> get(ConfigurableApplicationContext service, String path) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(
              "http://127.0.0.1:" + service.getEnvironment().getRequiredProperty("local.server.port") + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
