// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads what was written to Kafka, from the beginning. For one thread. */
final class DeviceInputs implements AutoCloseable {
  private final List<Message<DeviceInput>> read = new ArrayList<>();
  private final KafkaConsumer<String, byte[]> consumer;

  DeviceInputs(String bootstrapServers) {
    consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers, "auto.offset.reset", "earliest"),
        new StringDeserializer(), new ByteArrayDeserializer());
    consumer.assign(consumer.partitionsFor(Topics.DEVICE_INPUTS).stream()
        .map(partition -> new TopicPartition(partition.topic(), partition.partition())).toList());
  }

  /** All there are of the device by now. */
  List<DeviceInput> of(DeviceId device) {
    return messagesOf(device).stream().map(Message::data).toList();
  }

  List<Message<DeviceInput>> messagesOf(DeviceId device) {
    var ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      for (var record : consumer.poll(Duration.ofMillis(100))) {
        var headers = new HashMap<String, String>();
        record.headers()
            .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        var message = Wire.decode(headers, record.value(), DeviceInput.class);
        if (!record.key().equals(message.data().device().key())) {
          throw new IllegalStateException("key: " + record.key() + " (expected: " + message.data().device() + ")");
        }
        read.add(message);
      }
    }
    return read.stream().filter(message -> message.data().device().equals(device)).toList();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
