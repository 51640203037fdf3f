// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.examples;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.databind.json.JsonMapper;

/**
 * Follows the events of a topic from its beginning: prints each one once, in order, as a line of JSON. See docs/EVENTS.md.
 *
 * <p>
 * What it has taken is in its own file, with the place where it stood. So position and data are written together, and a start
 * goes on exactly where the data ends, whatever ended the process. With a database: one transaction for both.
 */
public final class EventConsumer {
  private static final JsonMapper JSON = new JsonMapper();
  private static final SchemaRegistry SCHEMAS = SchemaRegistry
      .withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private final Path file;
  private final Map<String, Long> lastNumbers = new HashMap<>();
  private final Map<Integer, Long> nextOffsets = new HashMap<>();
  private final Map<String, Optional<Schema>> schemas = new HashMap<>();

  private EventConsumer(Path file) throws IOException {
    this.file = file;
    String text = Files.exists(file) ? Files.readString(file) : "";
    // A line without an end was cut short by a crash: its event was not taken.
    String taken = text.substring(0, text.lastIndexOf('\n') + 1);
    Files.writeString(file, taken);
    taken.lines().map(JSON::readTree).forEach(event -> {
      lastNumbers.put(event.path("source").asString() + " " + event.path("subject").asString(),
          event.path("sequence").asLong());
      nextOffsets.put(event.path("partition").asInt(), event.path("offset").asLong() + 1);
    });
  }

  /**
   * Takes from the environment {@code BOOTSTRAP_SERVERS} (127.0.0.1:9092), {@code TOPIC} (ota.firmware.events), {@code FILE}
   * (one for each topic: its name and .jsonl) and {@code UNTIL_END} (false; true: ends when it has read what was there when it
   * started). Exit status 1: an event is missing or not as its schema says.
   */
  public static void main(String[] args) throws IOException {
    var environment = System.getenv();
    String topic = environment.getOrDefault("TOPIC", "ota.firmware.events");
    try {
      new EventConsumer(Path.of(environment.getOrDefault("FILE", topic + ".jsonl"))).run(
          environment.getOrDefault("BOOTSTRAP_SERVERS", "127.0.0.1:9092"), topic,
          Boolean.parseBoolean(environment.get("UNTIL_END")));
    } catch (IllegalStateException stopped) {
      System.err.println(stopped.getMessage());
      System.exit(1);
    }
  }

  private void run(String bootstrapServers, String topic, boolean untilEnd) throws IOException {
    // No group: the partitions are ours, and Kafka keeps no position for us. If one is gone, stop instead of jumping.
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers, "enable.auto.commit", false,
        "auto.offset.reset", "none");
    try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      var partitions = consumer.partitionsFor(topic).stream().map(it -> new TopicPartition(topic, it.partition()))
          .toList();
      consumer.assign(partitions);
      consumer.beginningOffsets(partitions).forEach((partition, beginning) -> consumer.seek(partition,
          nextOffsets.getOrDefault(partition.partition(), beginning)));
      var ends = consumer.endOffsets(partitions);
      while (!untilEnd || ends.entrySet().stream().anyMatch(it -> consumer.position(it.getKey()) < it.getValue())) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          take(record);
        }
      }
    }
  }

  private void take(ConsumerRecord<String, String> record) throws IOException {
    String counted = header(record, "ce_source") + " " + header(record, "ce_subject");
    long number = Long.parseLong(header(record, "ce_sequence"));
    long last = lastNumbers.getOrDefault(counted, 0L);
    if (number <= last) {
      return; // Published again.
    }
    if (number > last + 1) {
      throw new IllegalStateException("%snumber %d of %s (expected: %d; an event is missing)".formatted(place(record),
          number, counted, last + 1));
    }
    var event = JSON.createObjectNode().put("topic", record.topic()).put("partition", record.partition())
        .put("offset", record.offset()).put("key", record.key()).put("id", header(record, "ce_id"))
        .put("source", header(record, "ce_source")).put("subject", header(record, "ce_subject")).put("sequence", number)
        .put("type", header(record, "ce_type")).put("time", header(record, "ce_time"));
    var schema = schemas.computeIfAbsent(header(record, "ce_type"), EventConsumer::schema);
    // A type of a later version: what it says is not for us, but its number counts.
    if (schema.isPresent()) {
      var data = JSON.readTree(record.value());
      // The same of a value that an enum has got since; fields that were added since are valid as it is.
      var errors = schema.get().validate(data).stream().filter(error -> !error.getKeyword().equals("enum")).toList();
      if (!errors.isEmpty()) {
        throw new IllegalStateException(
            place(record) + errors + " (expected: valid " + header(record, "ce_type") + ")");
      }
      event.set("data", data);
    }
    Files.writeString(file, event + "\n", StandardOpenOption.APPEND);
    lastNumbers.put(counted, number);
    if (schema.isPresent()) {
      System.out.println(event);
    }
  }

  private static Optional<Schema> schema(String type) {
    try (var resource = EventConsumer.class.getResourceAsStream("/dev/otaverify/contracts/schemas/" + type + ".json")) {
      return resource == null ? Optional.empty() : Optional.of(SCHEMAS.getSchema(resource));
    } catch (IOException e) {
      throw new IllegalStateException(type + ": no schema", e);
    }
  }

  private static String header(ConsumerRecord<String, String> record, String name) {
    var header = record.headers().lastHeader(name);
    if (header == null) {
      throw new IllegalStateException(place(record) + name + ": missing (expected: an attribute of CloudEvents)");
    }
    return new String(header.value(), StandardCharsets.UTF_8);
  }

  private static String place(ConsumerRecord<String, String> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset() + ": ";
  }
}
