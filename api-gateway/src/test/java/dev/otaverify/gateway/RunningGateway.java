// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Topics;
import dev.otaverify.localinfra.FreePorts;
import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** The real gateway on a real Kafka, with doubles of the services behind it. */
final class RunningGateway implements AutoCloseable {
  static final String SIGNING_KEY = "0123456789abcdef-files";
  static final String MASTER_KEY = "0123456789abcdef0123456789abcdef";
  static final String TOKEN = "0123456789abcdef-token";

  final URI uri;
  final JobServiceDouble jobService;
  final HttpDouble aggregator = new HttpDouble();
  final HttpDouble secrets = new HttpDouble();
  final SigningClient client;
  final TestDatabase database;
  final ConfigurableApplicationContext context;

  RunningGateway(Path directory, String... more) throws Exception {
    this(TestInfra.kafkaBootstrapServers(), directory, more);
    await().atMost(Duration.ofSeconds(30)).until(() -> readiness() == 200);
  }

  /** With a Kafka elsewhere, and not waited for. */
  RunningGateway(String bootstrapServers, Path directory, String... more) throws Exception {
    this(bootstrapServers, TestInfra.freshDatabase("api-gateway"), directory, more);
  }

  /** With this database, and not waited for. */
  RunningGateway(String bootstrapServers, TestDatabase database, Path directory, String... more) throws Exception {
    this.database = database;
    TestInfra.createTopics(Topics.all());
    jobService = new JobServiceDouble(TestInfra.kafkaBootstrapServers());
    int port = FreePorts.choose();
    uri = URI.create("http://127.0.0.1:" + port);
    client = new SigningClient(uri);
    var args = arguments(port, bootstrapServers, database, directory);
    args.addAll(List.of("--ota.gateway.aggregator-url=" + aggregator.uri(),
        "--ota.gateway.job-service-url=" + secrets.uri()));
    args.addAll(List.of(more));
    try {
      context = ApiGatewayApplication.start(args.toArray(String[]::new));
    } catch (RuntimeException e) {
      // This double would answer the commands of the next gateway.
      jobService.close();
      throw e;
    }
  }

  /** The settings of a gateway, but for where the services behind it are. */
  static List<String> arguments(int port, String bootstrapServers, TestDatabase database, Path directory) {
    return new ArrayList<>(List.of("--server.port=" + port, "--management.server.port=0",
        "--spring.kafka.bootstrap-servers=" + bootstrapServers,
        "--ota.internal-token=" + TOKEN,
        "--ota.database.host=" + database.host(),
        "--ota.database.port=" + database.port(),
        "--ota.database.name=" + database.database(),
        "--ota.database.user=" + database.user(),
        "--ota.database.password=" + database.password(),
        "--ota.gateway.master-key=" + MASTER_KEY,
        // What is tested is not how often something is called.
        "--ota.gateway.quotas.others=0",
        "--ota.files.directory=" + directory,
        "--ota.files.signing-key=" + SIGNING_KEY,
        "--ota.gateway.access-keys[0].id=" + SigningClient.KEY_ID,
        "--ota.gateway.access-keys[0].secret=" + SigningClient.SECRET,
        "--ota.gateway.access-keys[0].account=acme"));
  }

  int readiness() {
    return readiness(uri);
  }

  static int readiness(URI uri) {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri.resolve("/readyz")).build(),
          HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    context.close();
    jobService.close();
    aggregator.close();
    secrets.close();
  }
}
