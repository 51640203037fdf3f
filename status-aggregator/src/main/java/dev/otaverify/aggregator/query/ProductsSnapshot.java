// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.ProductRow;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Topics;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Products of an account, the newest first, with how many devices each has.
 *
 * @param asked the keys that were asked for; none for all
 * @param total of those that were asked for, on all pages
 */
record ProductsSnapshot(List<ProductKey> asked, List<Counted> products, int total,
    Map<String, Long> positions) implements Snapshot {
  /** Parameters: account; keys, or none for all; size of a page; products to skip. */
  static final String STATEMENT = """
                                  with wanted as (
                                    select * from product where account = $1 and deleted_at is null
                                      and (cardinality($2::text[]) = 0 or product_key = any($2)))
                                  select json_build_object(
                                    'asked', to_json($2::text[]),
                                    'products', (select coalesce(json_agg(json_build_object('product', row_to_json(w),
                                        'device_count', (select count(*) from device d
                                          where d.product_key = w.product_key and d.iot_id is not null))
                                        order by w.created_at desc, w.product_key), '[]')
                                      from (select * from wanted order by created_at desc, product_key
                                        limit $3 offset $4) w),
                                    'total', (select count(*) from wanted),
                                    'positions', %s)
                                  """.formatted(POSITIONS);

  /** One product. */
  record Counted(ProductRow product, int deviceCount) {}

  ProductsSnapshot {
    asked = List.copyOf(asked);
    products = List.copyOf(products);
    positions = Map.copyOf(positions);
  }

  @Override
  public List<TopicPartition> needed() {
    return asked.isEmpty()
        ? Partitions.all(Topics.REGISTRY_EVENTS)
        : asked.stream().map(Partitions::of).distinct().toList();
  }

  @Override
  public boolean isWhole() {
    return true;
  }
}
