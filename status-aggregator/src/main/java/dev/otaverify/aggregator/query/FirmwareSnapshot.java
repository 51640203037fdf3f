// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.FirmwareRow;
import dev.otaverify.contracts.FirmwareId;
import java.util.List;
import java.util.Map;
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
    Map<String, Long> positions) implements Snapshot {
  /** Of many at once: most of what it costs is in the positions, and the same for all. */
  static final String STATEMENT = """
                                  select json_build_object(
                                    'firmware', (
                                      select json_agg(json_build_object('asked', id, 'firmware', row_to_json(f), 'product_name', p.name) order by n)
                                      from unnest($1::text[]) with ordinality as a (id, n)
                                      left join firmware f on f.firmware_id = a.id and f.deleted_at is null
                                      left join product p using (product_key)),
                                    'positions', %s)
                                  """
      .formatted(POSITIONS);

  /** One of those that were asked for. */
  record One(FirmwareId asked, @Nullable FirmwareRow firmware, @Nullable String productName) {}

  /** What the statement gives, in the order of the ids. */
  record Many(List<One> firmware, Map<String, Long> positions) {
    Many {
      firmware = List.copyOf(firmware);
      positions = Map.copyOf(positions);
    }

    List<FirmwareSnapshot> snapshots() {
      return firmware.stream()
          .map(one -> new FirmwareSnapshot(one.asked(), one.firmware(), one.productName(), positions))
          .toList();
    }
  }

  FirmwareSnapshot {
    positions = Map.copyOf(positions);
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
