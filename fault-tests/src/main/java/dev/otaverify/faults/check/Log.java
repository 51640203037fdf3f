// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.check;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * What the topics hold, from the beginning to the end, in the order of each partition.
 *
 * @param entries by topic
 */
public record Log(Map<String, List<Entry>> entries) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** One record; headers as text. */
  public record Entry(String topic, int partition, long offset, String key, Map<String, String> headers,
      String value) {
    /** A header; empty if it has none of this name. */
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** Those of one topic. */
  public List<Entry> of(String topic) {
    return entries.getOrDefault(topic, List.of());
  }

  /** Reads all there is in these topics now. */
  public static Log read(String bootstrapServers, Collection<String> topics) {
    var entries = new HashMap<String, List<Entry>>();
    try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers, "enable.auto.commit", false),
        new StringDeserializer(), new ByteArrayDeserializer())) {
      var partitions = topics.stream().flatMap(topic -> consumer.partitionsFor(topic, PATIENCE).stream())
          .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions, PATIENCE);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("topics: not read in " + PATIENCE + " (expected: all of " + topics + ")");
        }
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          entries.computeIfAbsent(record.topic(), topic -> new ArrayList<>()).add(entry(record));
        }
      }
    }
    return new Log(entries);
  }

  private static Entry entry(ConsumerRecord<String, byte[]> record) {
    var headers = new HashMap<String, String>();
    record.headers().forEach(header -> headers.put(header.key(),
        header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8)));
    return new Entry(record.topic(), record.partition(), record.offset(), record.key() == null ? "" : record.key(),
        headers, record.value() == null ? "" : new String(record.value(), StandardCharsets.UTF_8));
  }
}
