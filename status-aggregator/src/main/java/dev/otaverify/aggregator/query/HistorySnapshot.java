// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.HistoryRow;
import dev.otaverify.aggregator.projection.JobRow;
import dev.otaverify.aggregator.projection.TaskRow;
import dev.otaverify.contracts.TaskId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A page of the history of a task, with what its view takes from its job and product.
 *
 * @param asked the id of the task that was asked for
 * @param job null if there is no task of that id
 * @param productName null if that was not read yet: it comes from another log
 */
record HistorySnapshot(TaskId asked, @Nullable JobRow job, @Nullable TaskRow task, @Nullable String productName,
    List<HistoryRow> entries, Map<String, Long> positions) implements Snapshot {
  /** Parameters: task id; size of a page; entries to skip. */
  static final String STATEMENT = """
                                  with asked as (
                                    select t.task_id, t.job_id, j.product_key from task t
                                      join job j using (job_id) join firmware f using (firmware_id)
                                    where t.task_id = $1 and f.deleted_at is null)
                                  select jsonb_build_object(
                                    'asked', $1::text,
                                    'job', (select to_jsonb(j) from job j join asked using (job_id)),
                                    'task', (select to_jsonb(t) from task t join asked using (task_id)),
                                    'product_name', (select name from product join asked using (product_key)),
                                    'entries', (select coalesce(jsonb_agg(to_jsonb(e) order by e.number), '[]')
                                      from (select h.* from task_history h join asked using (task_id)
                                        order by number limit $2 offset $3) e),
                                    'positions', %s)
                                  """.formatted(POSITIONS);

  HistorySnapshot {
    entries = List.copyOf(entries);
    positions = Map.copyOf(positions);
  }

  @Override
  public List<TopicPartition> needed() {
    return Partitions.of(asked.firmwareId(), job);
  }

  @Override
  public boolean isWhole() {
    return job == null || productName != null;
  }
}
