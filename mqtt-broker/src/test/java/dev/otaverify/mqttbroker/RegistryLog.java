// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes what job-service would about devices. */
final class RegistryLog implements AutoCloseable {
  private final KafkaProducer<String, byte[]> producer;

  RegistryLog(String bootstrapServers) {
    producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrapServers), new StringSerializer(),
        new ByteArraySerializer());
  }

  /** Returns when it is written. */
  void write(RegistryEvent event) {
    var encoded = Wire
        .encode(Message.event(Source.JOB_SERVICE, event.productKey().value(), 1, event.at(), event));
    var record = new ProducerRecord<>(Topics.REGISTRY_EVENTS, event.productKey().value(),
        encoded.value().getBytes(StandardCharsets.UTF_8));
    encoded.headers().forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    try {
      producer.send(record).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
