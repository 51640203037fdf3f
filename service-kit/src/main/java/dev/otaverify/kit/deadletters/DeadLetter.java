// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.deadletters;

import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.KafkaRecords;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A record as it was put aside, with the reason in its headers.
 *
 * @param replayed when and where to it was last sent again; null if it never was
 */
record DeadLetter(ConsumerRecord<byte[], byte[]> record, @Nullable Replay replayed) {
  /** Headers of ours, which the record did not come with. */
  static final String PREFIX = "dlt_";
  /** On a record that was sent again: the id of the dead letter. */
  static final String REPLAYED_FROM = "replayed_from";

  /** Sent again, to {@code TOPIC-PARTITION@OFFSET}. */
  record Replay(Instant at, String to) {}

  /** Where one stands, as {@code TOPIC-PARTITION@OFFSET}, such as {@code ota.commands.dlt-3@17}. */
  record Place(TopicPartition partition, long offset) {
    private static final Pattern FORM = Pattern.compile("(.+)-(\\d{1,9})@(\\d{1,18})");

    /** @throws IllegalArgumentException if the text is not of this form */
    static Place of(String text) {
      var parts = FORM.matcher(text);
      if (!parts.matches() || !parts.group(1).endsWith(Topics.deadLetters(""))) {
        throw new IllegalArgumentException("id: " + text + " (expected: as dlt list shows it, such as "
            + Topics.deadLetters(Topics.COMMANDS) + "-3@17)");
      }
      return new Place(new TopicPartition(parts.group(1), Integer.parseInt(parts.group(2))),
          Long.parseLong(parts.group(3)));
    }

    @Override
    public String toString() {
      return partition + "@" + offset;
    }
  }

  Place id() {
    return new Place(new TopicPartition(record.topic(), record.partition()), record.offset());
  }

  Instant when() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  String key() {
    return record.key() == null ? "-" : new String(record.key(), StandardCharsets.UTF_8);
  }

  Map<String, String> headers() {
    return KafkaRecords.textOf(record.headers());
  }

  String header(String name) {
    return headers().getOrDefault(name, "-");
  }

  /** The topic that it stood on, which is the one it goes back to. */
  String topic() {
    return record.topic().substring(0, record.topic().length() - Topics.deadLetters("").length());
  }

  /** Whether it is a command that came with a time limit which is over: job-service rejects it. */
  boolean isExpired(Instant now) {
    var until = headers().get("ce_expiresat");
    try {
      return until != null && Instant.parse(until).isBefore(now);
    } catch (DateTimeException notATime) {
      return false;
    }
  }
}
