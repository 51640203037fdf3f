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
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; a copy of each value would only cost
public record Outgoing(Step step, String topic, @Nullable Integer partition, @Nullable String key,
    Map<String, String> headers, byte @Nullable [] value) {

  /** Copies the headers. */
  public Outgoing {
    headers = Map.copyOf(headers);
  }
}
