// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.fault;

import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.stack.Cluster;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** {@link FaultKind#POISON}. */
final class UnreadableRecords {
  private UnreadableRecords() {}

  /** Sends what nobody can make sense of, as a broken client or device might if it got so far. */
  static void send(Cluster cluster, History history, Random random) {
    try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", cluster.bootstrapServers()),
        new StringSerializer(), new ByteArraySerializer())) {
      for (var topic : List.of(Topics.COMMANDS, Topics.DEVICE_INPUTS)) {
        var id = "poison-" + Long.toHexString(random.nextLong());
        var record = new ProducerRecord<>(topic, id, "{\"not\": \"a message\"}".getBytes(StandardCharsets.UTF_8));
        var source = topic.equals(Topics.COMMANDS) ? Source.API_GATEWAY : Source.MQTT_BROKER;
        Map.of("ce_source", source, "ce_id", id, "ce_type", "dev.otaverify.nothing.v1")
            .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        // Written down before: it may be there although nobody says so.
        history.add(new History.Poison(topic, id));
        producer.send(record).get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
