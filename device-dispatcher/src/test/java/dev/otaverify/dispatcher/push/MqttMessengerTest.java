// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import dev.otaverify.dispatcher.device.Outbound;
import dev.otaverify.dispatcher.device.Story;
import dev.otaverify.dispatcher.inputs.Said;
import dev.otaverify.kit.trace.Traces;
import dev.otaverify.kit.DownloadLinks;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;

class MqttMessengerTest {
  private static final int MESSAGES = 5_000;

  @Test
  void withoutABrokerEachMessageIsLostCountedAndNobodyWaits() {
    var registry = new SimpleMeterRegistry();
    var breaker = CircuitBreaker.of("mqtt",
        CircuitBreakerConfig.custom().slidingWindowSize(20).minimumNumberOfCalls(10)
            .waitDurationInOpenState(Duration.ofHours(1)).build());
    // Never connected: the client is as it is while the broker is away.
    var messenger = new MqttMessenger(Mqtt5Client.builder().buildAsync(),
        new DeviceMessages(new DownloadLinks("0123456789abcdef"), "http://files.example", Duration.ofHours(24)),
        breaker, registry, Traces.NONE, Duration.ofSeconds(30), Duration.ofMillis(30), 100);

    var begun = System.nanoTime();
    for (int i = 0; i < MESSAGES; i++) {
      messenger.sending(new Said(new Outbound.Push(Story.assign(), 1), Map.of()), Story.T0).run();
    }

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
    await().untilAsserted(() -> assertThat(
        registry.find("ota.mqtt.messages").counters().stream().mapToDouble(Counter::count).sum()).isEqualTo(MESSAGES));
    assertThat(registry.get("ota.mqtt.messages").tag("outcome", "not_sent").counter().count()).isEqualTo(10);
    assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.OPEN);
    assertThat(messenger.health().getStatus()).isEqualTo(Status.DOWN);
    messenger.stop();
  }
}
