// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.HistoryRow;
import dev.otaverify.aggregator.projection.JobRow;
import dev.otaverify.aggregator.projection.TaskRow;
import dev.otaverify.contracts.TaskId;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
                                  select json_build_object(
                                    'asked', $1::text,
                                    'job', (select row_to_json(j) from job j join asked using (job_id)),
                                    'task', (select row_to_json(t) from task t join asked using (task_id)),
                                    'product_name', (select name from product join asked using (product_key)),
                                    'entries', (select coalesce(json_agg(row_to_json(e) order by e.number), '[]')
                                      from task_history e join asked using (task_id)
                                      where number > greatest($3, 1) and number <= $3 + $2),
                                    'positions', %s)
                                  """.formatted(POSITIONS);

  HistorySnapshot {
    entries = List.copyOf(entries);
    positions = Map.copyOf(positions);
  }

  /** The entries of the page; the first of all is not kept, since it follows from the job. */
  List<HistoryRow> page(JobRow job, int page) {
    return page > 1 ? entries : Stream.concat(Stream.of(HistoryRow.created(asked, job)), entries.stream()).toList();
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
