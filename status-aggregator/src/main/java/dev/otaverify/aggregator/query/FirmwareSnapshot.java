// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.FirmwareRow;
import dev.otaverify.contracts.FirmwareId;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A firmware with the name of its product.
 *
 * @param asked the id that was asked for
 * @param firmware null if there is none of that id
 * @param productName null if that was not read yet: it comes from another log
 */
record FirmwareSnapshot(FirmwareId asked, @Nullable FirmwareRow firmware, @Nullable String productName,
    List<Position> positions) implements Snapshot {
  static final String STATEMENT = """
                                  select jsonb_build_object(
                                    'asked', $1::text,
                                    'firmware', (select to_jsonb(f) from firmware f where firmware_id = $1 and deleted_at is null),
                                    'product_name', (select name from firmware join product using (product_key) where firmware_id = $1),
                                    'positions', %s)
                                  """
      .formatted(POSITIONS);

  FirmwareSnapshot {
    positions = List.copyOf(positions);
  }

  @Override
  public List<TopicPartition> needed() {
    return firmware == null
        ? List.of(Partitions.of(asked))
        : List.of(Partitions.of(asked), Partitions.of(firmware.productKey()));
  }

  @Override
  public boolean isWhole() {
    return firmware == null || productName != null;
  }
}
