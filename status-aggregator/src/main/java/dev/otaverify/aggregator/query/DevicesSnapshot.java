// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.DeviceRow;
import dev.otaverify.aggregator.projection.ProductRow;
import dev.otaverify.contracts.ProductKey;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Devices of a product, the newest first.
 *
 * @param asked the product that was asked for
 * @param product null if there is none of that key
 * @param total of the devices that were asked for, on all pages
 */
record DevicesSnapshot(ProductKey asked, @Nullable ProductRow product, List<DeviceRow> devices, int total,
    Map<String, Long> positions) implements Snapshot {
  /** Parameters: product key; names, or none for all; IoT ids, or none for all; size of a page; devices to skip. */
  static final String STATEMENT = """
                                  with wanted as (
                                    select * from device where product_key = $1 and iot_id is not null
                                      and (cardinality($2::text[]) = 0 or device_name = any($2))
                                      and (cardinality($3::text[]) = 0 or iot_id = any($3)))
                                  select json_build_object(
                                    'asked', $1::text,
                                    'product', (select row_to_json(p) from product p
                                      where product_key = $1 and deleted_at is null),
                                    'devices', (select coalesce(json_agg(row_to_json(w)
                                        order by w.registered_at desc, w.device_name), '[]')
                                      from (select * from wanted order by registered_at desc, device_name
                                        limit $4 offset $5) w),
                                    'total', (select count(*) from wanted),
                                    'positions', %s)
                                  """.formatted(POSITIONS);

  DevicesSnapshot {
    devices = List.copyOf(devices);
    positions = Map.copyOf(positions);
  }

  @Override
  public List<TopicPartition> needed() {
    return List.of(Partitions.of(asked));
  }

  @Override
  public boolean isWhole() {
    return true;
  }
}
