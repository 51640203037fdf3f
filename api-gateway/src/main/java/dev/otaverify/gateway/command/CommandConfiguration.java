// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.command;

import dev.otaverify.gateway.GatewayProperties;
import dev.otaverify.gateway.Waiting;
import dev.otaverify.kit.trace.Traces;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The gateway's ends of the two topics. */
@Configuration(proxyBeanMethods = false)
class CommandConfiguration {
  /** Longer than a request should hang when Kafka is away, shorter than the wait for a reply. */
  private static final Duration MAX_BLOCK = Duration.ofSeconds(2);
  private static final Duration LEAST_DELIVERY = Duration.ofSeconds(1);

  @Bean
  GatewayInstance gatewayInstance() {
    return GatewayInstance.start();
  }

  @Bean
  ReplyWaiters replyWaiters(MeterRegistry meters) {
    var waiters = new ReplyWaiters();
    Gauge.builder("ota.gateway.commands.waiting", waiters, ReplyWaiters::size)
        .description("Commands that were sent and wait for their reply").register(meters);
    return waiters;
  }

  @Bean
  ReplyInbox replyInbox(GatewayInstance instance, ReplyWaiters waiters, KafkaProperties kafka, MeterRegistry meters) {
    return new ReplyInbox(instance, () -> new KafkaConsumer<>(consumerProperties(kafka), new StringDeserializer(),
        new ByteArrayDeserializer()), waiters, meters);
  }

  @Bean
  Producer<String, byte[]> commandProducer(KafkaProperties kafka, GatewayProperties properties) {
    return new KafkaProducer<>(producerProperties(kafka, properties), new StringSerializer(),
        new ByteArraySerializer());
  }

  @Bean
  KafkaCommands kafkaCommands(GatewayInstance instance, Producer<String, byte[]> commandProducer, ReplyInbox inbox,
      ReplyWaiters waiters, CircuitBreakerRegistry breakers, BulkheadRegistry bulkheads, Clock clock, Traces traces,
      GatewayProperties properties) {
    return new KafkaCommands(instance, commandProducer, inbox, waiters, breakers.circuitBreaker("commands"),
        new Waiting(bulkheads.bulkhead("commands"), "The way to job-service"), clock, traces,
        new KafkaCommands.Times(properties.replyTimeout(), properties.commandLife()));
  }

  private static Map<String, Object> producerProperties(KafkaProperties kafka, GatewayProperties properties) {
    var delivery = properties.replyTimeout().minus(MAX_BLOCK);
    if (delivery.compareTo(LEAST_DELIVERY) < 0) {
      delivery = LEAST_DELIVERY;
    }
    var configuration = new HashMap<>(kafka.buildProducerProperties());
    configuration.put(ProducerConfig.ACKS_CONFIG, "all");
    configuration.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    // Each call waits for this once, so it is not used to collect.
    configuration.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    configuration.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK.toMillis());
    // What could not be written by then is of no use to anybody.
    configuration.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) delivery.toMillis());
    configuration.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) delivery.toMillis());
    return configuration;
  }

  private static Map<String, Object> consumerProperties(KafkaProperties kafka) {
    var configuration = new HashMap<>(kafka.buildConsumerProperties());
    configuration.remove(ConsumerConfig.GROUP_ID_CONFIG);
    configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    configuration.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    configuration.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    configuration.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    configuration.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    return configuration;
  }
}
