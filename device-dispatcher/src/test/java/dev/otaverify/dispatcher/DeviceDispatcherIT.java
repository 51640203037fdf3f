// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskNotified;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.simulator.Behaviour;
import dev.otaverify.simulator.Happening;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole service, with devices that speak MQTT. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeviceDispatcherIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private World world;
  private ConfigurableApplicationContext service;

  @BeforeAll
  void begin(@TempDir Path directory) throws IOException {
    world = new World(directory);
    service = DeviceDispatcherApplication.start(world.arguments());
  }

  @AfterAll
  void end() {
    service.close();
    world.close();
  }

  private List<FirmwareEvent> untilEnded(TaskId task) {
    await().atMost(PATIENCE).until(
        () -> world.events(task).stream().anyMatch(FirmwareEvent.TaskEnded.class::isInstance));
    return world.events(task);
  }

  @Test
  void aDeviceThatIsThereIsPushedAndSucceeds() throws ExecutionException, InterruptedException {
    try (var device = world.device("online").start()) {
      device.informed().join();

      var events = untilEnded(world.assign("online", Duration.ofMinutes(1), true));

      assertThat(events).first().isInstanceOfSatisfying(TaskNotified.class,
          notified -> assertThat(notified.sourceVersion()).isEqualTo("1.0.0"));
      assertThat(events).last().isInstanceOf(TaskSucceeded.class);
      assertThat(events.stream().filter(TaskProgressed.class::isInstance).count()).isGreaterThan(5);
      assertThat(device.version()).isEqualTo("2.0.0");
    }
  }

  @Test
  void aDeviceThatIsAwayIsPushedWhenItComes() throws ExecutionException, InterruptedException {
    var task = world.assign("away", Duration.ofMinutes(1), true);
    try (var device = world.device("away").implicitSubscriptions(false).start()) {
      assertThat(untilEnded(task)).last().isInstanceOf(TaskSucceeded.class);
      assertThat(device.version()).isEqualTo("2.0.0");
    }
  }

  @Test
  void aDeviceMayFetchWhatIsNotPushed() throws ExecutionException, InterruptedException {
    try (var device = world.device("fetching").start()) {
      device.informed().join();
      var task = world.assign("fetching", Duration.ofMinutes(1), false);
      // It may ask before the task is there; then it is told that there is nothing, and asks again.
      await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
        device.requestFirmware();
        return !world.events(task).isEmpty();
      });

      assertThat(untilEnded(task)).last().isInstanceOf(TaskSucceeded.class);
    }
  }

  @Test
  void aSilentDeviceIsPushedABoundedNumberOfTimesAndTimesOutOnTime()
      throws ExecutionException, InterruptedException {
    try (var device = world.device("silent").behaviour(Behaviour.SILENT).start()) {
      device.informed().join();

      var task = world.assign("silent", Duration.ofSeconds(5), true);
      var events = untilEnded(task);

      assertThat(events).extracting(event -> event.getClass().getSimpleName()).containsExactly("TaskNotified",
          "TaskNotified", "TaskNotified", "TaskFailed");
      assertThat(events).last().isInstanceOfSatisfying(TaskFailed.class, failed -> {
        assertThat(failed.reason()).isEqualTo(TaskFailed.Reason.START_TIMEOUT);
        assertThat(failed.description()).contains("told 3 times");
        assertThat(Duration.between(((TaskNotified) events.getFirst()).at(), failed.at()))
            .isBetween(Duration.ofSeconds(4), Duration.ofMillis(6_500));
      });
      assertThat(device.happenings().stream().filter(happening -> happening.kind() == Happening.Kind.PUSHED).count())
          .isEqualTo(3);
    }
  }

  @Test
  void pushesGetThroughAgainAfterTheBrokerWasAway() throws ExecutionException, InterruptedException {
    try (var device = world.device("returning").start()) {
      device.informed().join();

      world.restartBroker();

      assertThat(untilEnded(world.assign("returning", Duration.ofMinutes(1), true))).last()
          .isInstanceOf(TaskSucceeded.class);
    }
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(health()).startsWith("{\"").contains("\"mqttMessenger\"")
        .doesNotContain("\"DOWN\""));
  }

  private String health() throws IOException, InterruptedException {
    var port = service.getEnvironment().getRequiredProperty("local.server.port");
    return HttpClient.newHttpClient().send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health")).build(),
        HttpResponse.BodyHandlers.ofString()).body();
  }
}
