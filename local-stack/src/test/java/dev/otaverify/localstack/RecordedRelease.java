// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a release wrote to its topics in a run of everything it does, and what it answered in the end: {@code log.jsonl}, a record on each
 * line, and {@code answers.jsonl}, a call on each line.
 */
record RecordedRelease(String version, List<Written> log, List<Answer> answers) {
  private static final Path ALL = Path.of("src/test/resources/recorded");
  /** Nothing that is nobody's business, or of this one machine. */
  private static final Set<String> LEFT_OUT = Set.of("RequestId", "ProductSecret", "DeviceSecret", "FirmwareUrl");

  /** One record of a topic. {@code timestamp}: in milliseconds since 1970. */
  record Written(String topic, int partition, long timestamp, @Nullable String key, Map<String, String> headers,
      JsonNode value) {
    static Written of(ConsumerRecord<String, byte[]> record) {
      return new Written(record.topic(), record.partition(), record.timestamp(), record.key(),
          new TreeMap<>(KafkaRecords.textOf(record.headers())), Wire.JSON.readTree(record.value()));
    }

    /** As a later writer may write it: with a field and a header that this one does not know. */
    Written addedTo() {
      var headers = new TreeMap<>(headers());
      headers.put("addedlater", "a header");
      headers.put("ce_addedlater", "an attribute");
      var value = (ObjectNode) value().deepCopy();
      value.putObject("addedLater").putArray("field").add(1);
      return new Written(topic, partition, timestamp, key, headers, value);
    }

    byte[] bytes() {
      return value.toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  /** A call and what it was answered. */
  record Answer(String action, Map<String, String> parameters, JsonNode answer) {
    static Answer of(ApiClient api, String action, Map<String, String> parameters) {
      return new Answer(action, new TreeMap<>(parameters), cleaned(api.call(action, parameters)));
    }
  }

  static Stream<RecordedRelease> all() {
    try (var directories = Files.list(ALL)) {
      return directories.sorted().map(RecordedRelease::read).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RecordedRelease read(Path directory) {
    try {
      return new RecordedRelease(directory.getFileName().toString(),
          Files.readAllLines(directory.resolve("log.jsonl")).stream()
              .map(line -> Wire.JSON.readValue(line, Written.class)).toList(),
          Files.readAllLines(directory.resolve("answers.jsonl")).stream()
              .map(line -> Wire.JSON.readValue(line, Answer.class)).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write() {
    try {
      var directory = Files.createDirectories(ALL.resolve(version));
      Files.writeString(directory.resolve("log.jsonl"), lines(log));
      Files.writeString(directory.resolve("answers.jsonl"), lines(answers));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String lines(Collection<?> values) {
    return values.stream().map(value -> Wire.JSON.writeValueAsString(value) + "\n").collect(Collectors.joining());
  }

  /** What stands in the topics of a stack. */
  static List<Written> log(Settings settings) {
    return new StackLog(settings).records(Topics.all().keySet()).stream().filter(record -> record.value() != null)
        .sorted(Comparator.<ConsumerRecord<String, byte[]>, String>comparing(ConsumerRecord::topic)
            .thenComparingInt(ConsumerRecord::partition).thenComparingLong(ConsumerRecord::offset))
        .map(Written::of).toList();
  }

  private static JsonNode cleaned(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(LEFT_OUT);
    }
    if (node instanceof ObjectNode || node instanceof ArrayNode) {
      new ArrayList<>(node.values()).forEach(RecordedRelease::cleaned);
    }
    return node;
  }

  /** Named in a parameterized test. */
  @Override
  public String toString() {
    return version;
  }
}
