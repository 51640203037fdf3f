// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Kafka's headers as text and back. */
public final class KafkaRecords {
  private KafkaRecords() {}

  /** The headers as text; of several with one name the last counts, one without a value is left out. */
  public static Map<String, String> textOf(Headers headers) {
    var text = new HashMap<String, String>();
    for (var header : headers) {
      if (header.value() != null) {
        text.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
      }
    }
    return text;
  }

  /** A record to send; {@code partition} null: as the key says. */
  public static ProducerRecord<String, byte[]> record(String topic, @Nullable Integer partition, @Nullable String key,
      Map<String, String> headers, byte @Nullable [] value) {
    var sent = new ProducerRecord<String, byte[]>(topic, partition, key, value);
    headers.forEach((name, text) -> sent.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    return sent;
  }
}
