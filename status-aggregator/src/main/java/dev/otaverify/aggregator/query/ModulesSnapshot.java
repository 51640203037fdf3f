// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.ModuleRow;
import dev.otaverify.aggregator.projection.ProductRow;
import dev.otaverify.contracts.ProductKey;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The modules of a product, the oldest first.
 *
 * @param asked the product that was asked for
 * @param product null if there is none of that key
 */
record ModulesSnapshot(ProductKey asked, @Nullable ProductRow product, List<ModuleRow> modules,
    Map<String, Long> positions) implements Snapshot {
  /** Parameter: product key. */
  static final String STATEMENT = """
                                  select json_build_object(
                                    'asked', $1::text,
                                    'product', (select row_to_json(p) from product p
                                      where product_key = $1 and deleted_at is null),
                                    'modules', (select coalesce(json_agg(row_to_json(m)
                                        order by m.created_at, m.module_name), '[]')
                                      from module m where product_key = $1),
                                    'positions', %s)
                                  """.formatted(POSITIONS);

  ModulesSnapshot {
    modules = List.copyOf(modules);
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
