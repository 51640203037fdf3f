// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.Wire;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** A unit's records as they wait in the position row, headers and all. */
final class PendingOutput {
  private static final TypeReference<List<Outgoing>> RECORDS = new TypeReference<>() {};

  private PendingOutput() {}

  /** Null when there is nothing to publish. */
  static byte @Nullable [] toBytes(List<Outgoing> records) {
    return records.isEmpty() ? null : Wire.JSON.writeValueAsBytes(records);
  }

  static List<Outgoing> ofBytes(byte @Nullable [] bytes) {
    return bytes == null ? List.of() : Wire.JSON.readValue(bytes, RECORDS);
  }
}
