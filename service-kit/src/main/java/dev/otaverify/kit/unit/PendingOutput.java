// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.Wire;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** A unit's records as they wait in the position row, headers and all. */
final class PendingOutput {
  private static final TypeReference<List<Stored>> RECORDS = new TypeReference<>() {};

  private PendingOutput() {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Stored(Step step, String topic, @Nullable Integer partition, @Nullable String key,
      Map<String, String> headers, byte @Nullable [] value) {
    static Stored of(Outgoing outgoing) {
      return new Stored(outgoing.step(), outgoing.topic(), outgoing.partition(), outgoing.key(), outgoing.headers(),
          outgoing.value());
    }

    Outgoing outgoing() {
      return new Outgoing(step, topic, partition, key, headers, value);
    }
  }

  /** No bytes when there is nothing to publish. */
  static byte[] toBytes(List<Outgoing> records) {
    return records.isEmpty() ? new byte[0] : Wire.JSON.writeValueAsBytes(records.stream().map(Stored::of).toList());
  }

  static List<Outgoing> ofBytes(byte @Nullable [] bytes) {
    return bytes == null
        ? List.of()
        : Wire.JSON.readValue(bytes, RECORDS).stream().map(Stored::outgoing).toList();
  }
}
