// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Topics;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.Waiting;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.auth.Permissions;
import dev.otaverify.testinfra.TestInfra;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import dev.otaverify.kit.trace.Traces;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** What is said of a command that Kafka's producer does not take. */
class KafkaCommandsIT {
  private static final CommandId COMMAND = CommandId.of("k", "n");
  private static final Caller CALLER = new Caller(new AccountId("acme"), Permissions.ALL, COMMAND, "f".repeat(64),
      "00-trace");
  private static final Command.CreateProduct CREATE = new Command.CreateProduct(CALLER.account(),
      ProductKey.of(COMMAND), "thermostat", 0, 1, null);

  @Test
  void itWasCertainlyNotPassedOnAndAfterSomeTheProducerIsSpared() {
    TestInfra.createTopics(Topics.all());
    var instance = GatewayInstance.start();
    var waiters = new ReplyWaiters();
    var inbox = new ReplyInbox(instance,
        () -> new KafkaConsumer<>(Map.of("bootstrap.servers", TestInfra.kafkaBootstrapServers()),
            new StringDeserializer(), new ByteArrayDeserializer()),
        waiters, new SimpleMeterRegistry());
    var breaker = CircuitBreaker.of("commands",
        CircuitBreakerConfig.custom().slidingWindowSize(2).minimumNumberOfCalls(2).build());
    // A port that nothing listens on.
    try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", "127.0.0.1:1", "max.block.ms", 100),
        new StringSerializer(), new ByteArraySerializer())) {
      var commands = new KafkaCommands(instance, producer, inbox, waiters, breaker,
          new Waiting(Bulkhead.ofDefaults("commands"), "job-service"), Clock.systemUTC(), Traces.NONE,
          new KafkaCommands.Times(Duration.ofSeconds(20), Duration.ofSeconds(10)));
      inbox.start();
      await().until(inbox::isReady);

      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> commands.send(CREATE, CALLER).block()).isInstanceOfSatisfying(GatewayException.class,
            failure -> assertThat(failure.code()).isEqualTo("ServiceUnavailable"));
      }

      assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.OPEN);
      assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(2);
      assertThat(breaker.getMetrics().getNumberOfNotPermittedCalls()).isEqualTo(1);
      assertThat(waiters.size()).isZero();
    } finally {
      inbox.stop();
    }
    assertThat(inbox.isReady()).isFalse();
  }
}
