// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A record from outside that could not be read or decided, with the reason. */
public record DeadRecord(String topic, int partition, long offset, @Nullable String key, Map<String, String> headers,
    String reason) {
  /** Copies the headers. */
  public DeadRecord {
    headers = Map.copyOf(headers);
  }
}
