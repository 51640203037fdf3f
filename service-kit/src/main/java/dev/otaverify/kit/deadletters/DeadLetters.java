// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.deadletters;

import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.deadletters.DeadLetter.Place;
import dev.otaverify.kit.deadletters.DeadLetter.Replay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of a Kafka. That one was replayed is remembered beside it: by a record without a value in the same partition, whose
 * headers name its offset and where it went. So nothing else need be kept, and every operator sees it.
 */
final class DeadLetters {
  private static final String REPLAYED_OFFSET = DeadLetter.PREFIX + "replayed_offset";
  private static final String REPLAYED_TO = DeadLetter.PREFIX + "replayed_to";
  private static final int PATIENCE_SECONDS = 30;

  private final String bootstrapServers;

  /** @param bootstrapServers as {@code HOST:PORT} */
  DeadLetters(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * All of them, those of one partition in their order.
   *
   * @param topic of the dead letters; null for all such topics
   * @throws IllegalArgumentException if there is no such topic
   * @throws KafkaException if Kafka does not answer
   */
  List<DeadLetter> all(@Nullable String topic) {
    return read(partitions(topic), Map.of());
  }

  /**
   * One of them.
   *
   * @throws IllegalArgumentException if there is none
   * @throws KafkaException if Kafka does not answer
   */
  DeadLetter one(Place id) {
    if (partitions(id.partition().topic()).contains(id.partition())) {
      for (var letter : read(List.of(id.partition()), Map.of(id.partition(), id.offset()))) {
        if (letter.record().offset() == id.offset()) {
          return letter;
        }
      }
    }
    throw new IllegalArgumentException("id: " + id + " (expected: one of dlt list)");
  }

  private List<TopicPartition> partitions(@Nullable String topic) {
    if (topic != null && !topic.endsWith(Topics.deadLetters(""))) {
      throw new IllegalArgumentException(
          "topic: " + topic + " (expected: one that ends with " + Topics.deadLetters("") + ")");
    }
    try (var admin = Admin.create(settings(Map.of("request.timeout.ms", 5_000, "default.api.timeout.ms", 10_000)))) {
      var topics = topic == null
          ? admin.listTopics().names().get().stream().filter(name -> name.endsWith(Topics.deadLetters(""))).toList()
          : List.of(topic);
      return admin.describeTopics(topics).allTopicNames().get().values().stream()
          .flatMap(description -> IntStream.range(0, description.partitions().size())
              .mapToObj(partition -> new TopicPartition(description.name(), partition)))
          .sorted((one, other) -> one.topic().equals(other.topic())
              ? Integer.compare(one.partition(), other.partition())
              : one.topic().compareTo(other.topic()))
          .toList();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new IllegalArgumentException("topic: " + topic + " is not there (expected: one such as "
            + Topics.deadLetters(Topics.DEVICE_INPUTS) + ")", e);
      }
      throw new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private List<DeadLetter> read(Collection<TopicPartition> partitions, Map<TopicPartition, Long> from) {
    var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
    var replays = new HashMap<Place, Replay>();
    try (var consumer = new KafkaConsumer<>(settings(Map.of()),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer())) {
      consumer.assign(partitions);
      var ends = consumer.endOffsets(partitions);
      var begins = consumer.beginningOffsets(partitions);
      begins.forEach((partition, begin) -> consumer.seek(partition,
          Math.clamp(from.getOrDefault(partition, begin), begin, ends.getOrDefault(partition, begin))));
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          @Nullable
          Header replayed = record.headers().lastHeader(REPLAYED_OFFSET);
          if (replayed == null) {
            records.add(record);
          } else {
            replays.put(
                new Place(new TopicPartition(record.topic(), record.partition()), Long.parseLong(text(replayed))),
                new Replay(Instant.ofEpochMilli(record.timestamp()), text(record.headers().lastHeader(REPLAYED_TO))));
          }
        }
      }
    }
    return records.stream().map(record -> new DeadLetter(record,
        replays.get(new Place(new TopicPartition(record.topic(), record.partition()), record.offset())))).toList();
  }

  /**
   * Sends them again, each to where it stood, with its key, value and headers, and notes that. If noting fails it has been sent
   * nevertheless, and may be sent once more: whoever decides on it takes a repeat for one.
   *
   * @return where it went, as {@code TOPIC-PARTITION@OFFSET}
   * @throws KafkaException if Kafka did not take it
   */
  String replay(DeadLetter letter) {
    try (var producer = new KafkaProducer<>(
        settings(Map.of("request.timeout.ms", 10_000, "delivery.timeout.ms", PATIENCE_SECONDS * 1_000)),
        new ByteArraySerializer(), new ByteArraySerializer())) {
      var record = letter.record();
      var headers = new ArrayList<Header>();
      for (var header : record.headers()) {
        if (!header.key().startsWith(DeadLetter.PREFIX) && !header.key().equals(DeadLetter.REPLAYED_FROM)) {
          headers.add(header);
        }
      }
      headers.add(header(DeadLetter.REPLAYED_FROM, letter.id().toString()));
      var sent = acknowledged(producer,
          new ProducerRecord<>(letter.topic(), record.partition(), record.key(), record.value(), headers));
      var to = letter.topic() + "-" + sent.partition() + "@" + sent.offset();
      acknowledged(producer, new ProducerRecord<>(record.topic(), record.partition(), record.key(), null, List.of(
          header(REPLAYED_OFFSET, Long.toString(record.offset())), header(REPLAYED_TO, to))));
      return to;
    }
  }

  private static RecordMetadata acknowledged(KafkaProducer<byte[], byte[]> producer,
      ProducerRecord<byte[], byte[]> record) {
    try {
      return producer.send(record).get(PATIENCE_SECONDS + 5, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException(e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private Map<String, Object> settings(Map<String, Object> more) {
    var settings = new HashMap<>(more);
    settings.put("bootstrap.servers", bootstrapServers);
    return settings;
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(@Nullable Header header) {
    return header == null ? "?" : new String(header.value(), StandardCharsets.UTF_8);
  }
}
