// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.JobRow;
import dev.otaverify.aggregator.projection.ProductRow;
import dev.otaverify.aggregator.projection.TaskRow;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Topics;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a device that have not ended, the newest first. They may be of any firmware of the product.
 *
 * @param asked the product that was asked for
 * @param product null if there is none of that key
 * @param registered whether the product has a device of the name
 */
record OpenTasksSnapshot(ProductKey asked, @Nullable ProductRow product, boolean registered, List<OfJob> tasks,
    Map<String, Long> positions) implements Snapshot {
  /** Parameters: product key; device name; status, or empty for any; module, or empty for any. */
  static final String STATEMENT = """
                                  select json_build_object(
                                    'asked', $1::text,
                                    'product', (select row_to_json(p) from product p
                                      where product_key = $1 and deleted_at is null),
                                    'registered', exists (select from device
                                      where product_key = $1 and device_name = $2 and iot_id is not null),
                                    'tasks', (select coalesce(json_agg(json_build_object('task', row_to_json(t),
                                        'job', row_to_json(j)) order by t.created_at desc, t.task_id), '[]')
                                      from task t join job j using (job_id) join firmware f using (firmware_id)
                                      where t.device_name = $2 and j.product_key = $1 and f.deleted_at is null
                                        and t.open
                                        and ($3 = '' or t.status = $3) and ($4 = '' or j.module_name = $4)),
                                    'positions', %s)
                                  """.formatted(POSITIONS);

  /** One task. */
  record OfJob(TaskRow task, JobRow job) {}

  OpenTasksSnapshot {
    tasks = List.copyOf(tasks);
    positions = Map.copyOf(positions);
  }

  @Override
  public List<TopicPartition> needed() {
    return Stream.concat(Stream.of(Partitions.of(asked)), Partitions.all(Topics.FIRMWARE_EVENTS).stream()).toList();
  }

  @Override
  public boolean isWhole() {
    return true;
  }
}
