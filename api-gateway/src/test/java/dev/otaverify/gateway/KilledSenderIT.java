// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Topics;
import dev.otaverify.localinfra.FreePorts;
import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that is killed between an endpoint's taking an event and its writing that down. */
class KilledSenderIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  @Test
  void nothingIsLostAndTheOrderIsKeptAndWhatComesTwiceHasTheSameId() throws Exception {
    TestInfra.createTopics(Topics.all());
    var database = TestInfra.freshDatabase("api-gateway");
    int port = FreePorts.choose();
    var client = new SigningClient(URI.create("http://127.0.0.1:" + port));
    var taken = new CountDownLatch(1);
    var killed = new CountDownLatch(1);
    try (var log = new FirmwareLog(); var receiver = new Receiver()) {
      var firmware = log.firmware();
      var other = log.firmware();
      String secret;
      var process = start(port, database);
      try {
        secret = client.call("CreateOTAWebhook", Map.of("Url", receiver.url("/a"))).json().at("/Data/Secret")
            .asString();
        receiver.decide(request -> {
          if (request.firmware().equals(firmware.id.value()) && request.json().path("sequence").asString().equals("3")
              && taken.getCount() > 0) {
            taken.countDown();
            return awaited(killed) ? 200 : 500;
          }
          return 200;
        });
        firmware.created("acme").goesOn(5);
        other.created("acme").goesOn(5);
        assertThat(taken.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly().waitFor();
      }
      killed.countDown();
      // While there is no gateway.
      firmware.goesOn(2);
      other.goesOn(2);

      var next = start(port, database);
      try {
        await().atMost(PATIENCE).untilAsserted(() -> {
          assertThat(receiver.received("/a", firmware.id.value()).stream().distinct()).hasSize(8);
          assertThat(receiver.received("/a", other.id.value()).stream().distinct()).hasSize(8);
        });
        await().atMost(PATIENCE).until(() -> client.call("ListOTAWebhook", Map.of()).json()
            .at("/Data/OTAWebhook/0/WaitingCount").asInt() == 0);
      } finally {
        next.destroyForcibly().waitFor();
      }

      var expected = new ArrayList<>(firmware.events);
      expected.add(2, firmware.events.get(2));
      assertThat(receiver.received("/a", firmware.id.value())).isEqualTo(expected);
      assertThat(receiver.received("/a", other.id.value()).stream().distinct()).isEqualTo(other.events);
      for (var request : receiver.received) {
        request.verify(secret);
      }
    }
  }

  private Process start(int port, TestDatabase database) throws IOException {
    var command = new ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
            ApiGatewayApplication.class.getName()));
    command.addAll(RunningGateway.arguments(port, TestInfra.kafkaBootstrapServers(), database, directory));
    command.addAll(List.of("--ota.unit.session-timeout=1s", "--ota.webhooks.allow-loopback=true",
        "--ota.webhooks.timeout=4s", "--ota.webhooks.lease=8s", "--ota.webhooks.first-retry=100ms",
        "--ota.webhooks.poll-interval=200ms"));
    var process = new ProcessBuilder(command).inheritIO().start();
    var uri = URI.create("http://127.0.0.1:" + port);
    await().atMost(PATIENCE).ignoreExceptions().until(() -> {
      assertThat(process.isAlive()).isTrue();
      return RunningGateway.readiness(uri) == 200;
    });
    return process;
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      return latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }
}
