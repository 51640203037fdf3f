// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record to publish when the unit is committed.
 *
 * @param partition null: as the key says
 * @param headers as text
 * @param value the bytes of the record
 * @param from the partition of the record that caused it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; a copy of each value would only cost
public record Outgoing(Step step, String topic, @Nullable Integer partition, @Nullable String key,
    Map<String, String> headers, byte @Nullable [] value, int from) {
  /** Of the only partition of the unit. */
  private static final int OF_THE_ONLY_ONE = -1;

  /** Copies the headers. */
  public Outgoing {
    headers = Map.copyOf(headers);
  }

  /** One of a unit that is about a single record. */
  public Outgoing(Step step, String topic, @Nullable Integer partition, @Nullable String key,
      Map<String, String> headers, byte @Nullable [] value) {
    this(step, topic, partition, key, headers, value, OF_THE_ONLY_ONE);
  }
}
