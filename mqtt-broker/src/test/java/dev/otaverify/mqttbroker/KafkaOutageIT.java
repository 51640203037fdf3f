// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Topics;
import dev.otaverify.localinfra.LocalKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka of its own, since it goes away. */
class KafkaOutageIT {
  private static final DeviceId DEVICE = new DeviceId(new ProductKey("a1VJwBw0000"), new DeviceName("device-1"));
  private static final String INFORM = "/ota/device/inform/" + DEVICE.key();

  @TempDir
  Path directory;

  @Test
  void aReportThatKafkaDoesNotTakeIsNotAcknowledgedAndComesAgain() throws IOException {
    var kafka = kafka();
    var bootstrapServers = kafka.bootstrapServers();
    try (var jobService = new JobServiceStub();
        var broker = EmbeddedBroker.start(config(bootstrapServers, jobService))) {
      jobService.knows(DEVICE, TestClient.SECRET, true);
      // On a busy machine Kafka may need longer at first than a report may wait.
      var client = eventually().ignoreExceptions().until(() -> {
        var connected = device(broker).connect();
        connected.publish(INFORM, "{\"params\":{\"version\":\"1.0.0\"}}");
        return connected;
      }, connected -> true);
      long refused = broker.metrics().counter(Reports.REFUSED).getCount();

      kafka.close();
      assertThat(client.tryToPublish(INFORM, "{\"params\":{\"version\":\"2.0.0\"}}", MqttQos.AT_LEAST_ONCE))
          .failsWithin(Duration.ofSeconds(60));
      assertThat(client.gone()).isCompleted();
      assertThat(broker.metrics().counter(Reports.REFUSED).getCount()).isEqualTo(refused + 1);

      kafka = kafka();
      eventually().ignoreExceptions().until(() -> {
        try (var again = device(broker).connect()) {
          again.publish(INFORM, "{\"params\":{\"version\":\"2.0.0\"}}");
          return true;
        }
      });
      try (var inputs = new DeviceInputs(bootstrapServers)) {
        // What was not acknowledged in time may be there too, from before.
        assertThat(versions(inputs)).startsWith("1.0.0").endsWith("2.0.0").containsOnly("1.0.0", "2.0.0");
        assertThat(inputs.of(DEVICE).getFirst()).isInstanceOf(DeviceInput.Connected.class);
      }
    } finally {
      kafka.close();
    }
  }

  @Test
  void aBrokerStartsWithoutKafkaAndRefusesDevicesUntilItIsThere() throws IOException {
    var kafka = kafka();
    var bootstrapServers = kafka.bootstrapServers();
    kafka.close();
    try (var jobService = new JobServiceStub();
        var broker = EmbeddedBroker.start(config(bootstrapServers, jobService))) {
      jobService.knows(DEVICE, TestClient.SECRET, true);
      assertThat(device(broker).tryToConnect(true)).failsWithin(Duration.ofSeconds(60))
          .withThrowableOfType(ExecutionException.class).withMessageContaining("SERVER_UNAVAILABLE");

      try (var started = kafka(); var inputs = new DeviceInputs(started.bootstrapServers())) {
        eventually().ignoreExceptions().until(() -> {
          device(broker).connect().publish(INFORM, "{\"params\":{\"version\":\"1.0.0\"}}");
          return true;
        });
        assertThat(versions(inputs)).containsOnly("1.0.0");
      }
    }
  }

  private LocalKafka kafka() {
    var kafka = LocalKafka.start(LocalKafka.Config.in(directory.resolve("kafka")));
    kafka.createTopics(Topics.all());
    return kafka;
  }

  private BrokerConfig config(String bootstrapServers, JobServiceStub jobService) {
    return new BrokerConfig(0, "127.0.0.1", bootstrapServers, jobService.url(), JobServiceStub.TOKEN, "dispatcher",
        "dispatcher-password", directory.resolve("broker"), Duration.ofSeconds(1));
  }

  private static TestClient device(EmbeddedBroker broker) {
    return TestClient.device(broker.port(), DEVICE, TestClient.SECRET, true);
  }

  private static List<String> versions(DeviceInputs inputs) {
    return inputs.of(DEVICE).stream().filter(DeviceInput.VersionReported.class::isInstance)
        .map(input -> ((DeviceInput.VersionReported) input).version()).toList();
  }

  /** Longer than it ever takes on a machine that is busy with other things. */
  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }
}
