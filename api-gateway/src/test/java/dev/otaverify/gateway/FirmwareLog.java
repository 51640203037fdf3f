// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.testinfra.TestInfra;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes the events of firmware, as the services do. */
final class FirmwareLog implements AutoCloseable {
  static final Instant AT = Instant.parse("2026-11-23T14:38:59.123456Z");
  static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  private static final FirmwareSpec SPEC = new FirmwareSpec(ProductKey.of(CommandId.of("k", "product")),
      ModuleName.DEFAULT, "fw", "2.0.0", null, FirmwareSpec.Type.FULL,
      new FirmwareFile("key.bin", "http://files/1", 4096, "d41d8cd98f00b204e9800998ecf8427e", "ab".repeat(32),
          FirmwareFile.SignMethod.MD5),
      true, "说明", null);

  private final KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
      Map.of("bootstrap.servers", TestInfra.kafkaBootstrapServers(), "linger.ms", 0), new StringSerializer(),
      new ByteArraySerializer());

  /** A firmware of an account, and the ids of its events so far. */
  final class Firmware {
    final FirmwareId id = FirmwareId.of(CommandId.of("k", UUID.randomUUID().toString()));
    final List<String> events = new ArrayList<>();

    /** It was created. */
    Firmware created(String account) {
      write(Source.JOB_SERVICE, new FirmwareCreated(id, new AccountId(account), SPEC, AT));
      return this;
    }

    /** So many more events, of which one is like the other. */
    Firmware goesOn(int times) {
      for (int i = 0; i < times; i++) {
        write(Source.STATUS_AGGREGATOR, new JobCompleted(id, JobId.of(id, CommandId.of("k", "job")), false, AT));
      }
      return this;
    }

    private void write(String source, FirmwareEvent event) {
      var message = Message.event(source, id.value(), events.size() + 1, AT, event);
      events.add(message.id());
      publish(message);
    }

    /** The last event is published again, as after a crash of its writer. */
    void publishesTheLastAgain() {
      publish(Message.event(Source.STATUS_AGGREGATOR, id.value(), events.size(), AT,
          new JobCompleted(id, JobId.of(id, CommandId.of("k", "job")), false, AT)));
    }

    /** Something that nobody can read is in each partition. */
    void isUnreadable() {
      var headers = Map.of("ce_type", "dev.otaverify.firmware.forgotten.v1", "ce_source", Source.JOB_SERVICE);
      for (int partition = 0; partition < Topics.PARTITIONS; partition++) {
        var unused = producer.send(
            KafkaRecords.record(Topics.FIRMWARE_EVENTS, partition, id.value(), headers, new byte[]{'?'}));
      }
      producer.flush();
    }

    private void publish(Message<?> message) {
      var encoded = Wire.encode(message);
      var record = KafkaRecords.record(Topics.FIRMWARE_EVENTS, null, id.value(), encoded.headers(),
          encoded.value().getBytes(StandardCharsets.UTF_8));
      record.headers().add("traceparent", TRACE.getBytes(StandardCharsets.UTF_8));
      var unused = producer.send(record);
      producer.flush();
    }
  }

  Firmware firmware() {
    return new Firmware();
  }

  @Override
  public void close() {
    producer.close();
  }
}
