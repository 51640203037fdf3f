// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.localstack.Part;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What devices say, put into their logs as the MQTT broker's extension puts it. They are connected for the services alone. */
final class Heard {
  private Heard() {}

  /** Returns when the stack has decided on all of it. */
  static void in(Stack stack, List<? extends DeviceInput> inputs) throws Exception {
    try (var producer = new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.settings().address(Part.KAFKA)), new StringSerializer(),
        new ByteArraySerializer())) {
      for (var sent : inputs.stream().map(input -> send(producer, input)).toList()) {
        sent.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("inputs: not written (expected: all of them)", e.getCause());
    }
    stack.settle();
  }

  private static Future<RecordMetadata> send(KafkaProducer<String, byte[]> producer, DeviceInput input) {
    var key = input.device().key();
    var encoded = Wire.encode(Message.unnumbered(UUID.randomUUID().toString(), Source.MQTT_BROKER, key, Instant.now(),
        input));
    return producer.send(KafkaRecords.record(Topics.DEVICE_INPUTS, null, key, encoded.headers(),
        encoded.value().getBytes(StandardCharsets.UTF_8)));
  }
}
