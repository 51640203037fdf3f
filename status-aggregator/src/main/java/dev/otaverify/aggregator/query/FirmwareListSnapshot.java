// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.FirmwareRow;
import dev.otaverify.contracts.Topics;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Firmware of an account, the newest first, with the names of their products.
 *
 * @param total of the firmware that was asked for, on all pages
 */
record FirmwareListSnapshot(List<Named> firmware, int total, Map<String, Long> positions) implements Snapshot {
  /** Parameters: account; product keys, or none for all; version, or empty for any; size of a page; firmware to skip. */
  static final String STATEMENT = """
                                  with wanted as (
                                    select * from firmware where account = $1 and deleted_at is null
                                      and (cardinality($2::text[]) = 0 or product_key = any($2))
                                      and ($3 = '' or spec ->> 'dest_version' = $3))
                                  select json_build_object(
                                    'firmware', (select coalesce(json_agg(json_build_object('firmware', row_to_json(w),
                                        'product_name', (select name from product p where p.product_key = w.product_key))
                                        order by w.created_at desc, w.firmware_id), '[]')
                                      from (select * from wanted order by created_at desc, firmware_id
                                        limit $4 offset $5) w),
                                    'total', (select count(*) from wanted),
                                    'positions', %s)
                                  """
      .formatted(POSITIONS);

  /** One firmware; the name is null if that was not read yet: it comes from another log. */
  record Named(FirmwareRow firmware, @Nullable String productName) {}

  FirmwareListSnapshot {
    firmware = List.copyOf(firmware);
    positions = Map.copyOf(positions);
  }

  @Override
  public List<TopicPartition> needed() {
    return Stream.concat(Partitions.all(Topics.FIRMWARE_EVENTS).stream(),
        firmware.stream().map(named -> Partitions.of(named.firmware().productKey())).distinct()).toList();
  }

  @Override
  public boolean isWhole() {
    return firmware.stream().noneMatch(named -> named.productName() == null);
  }
}
