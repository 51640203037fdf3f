// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.JobRow;
import dev.otaverify.aggregator.projection.TaskRow;
import dev.otaverify.contracts.JobId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A page of the tasks of a job, with what their views take from the job and its product.
 *
 * @param asked the id of the job that was asked for
 * @param job null if there is none of that id
 * @param productName null if that was not read yet: it comes from another log
 * @param total of the tasks that were asked for, on all pages
 */
record TasksSnapshot(JobId asked, @Nullable JobRow job, @Nullable String productName, List<TaskRow> tasks, int total,
    Map<String, Long> positions) implements Snapshot {
  /** Parameters: job id; status, or empty for any; device names, or none for any; size of a page; tasks to skip. */
  static final String STATEMENT = """
                                  with wanted as (
                                    select t.* from task t where %s and ($2 = '' or status = $2)
                                      and (cardinality($3::text[]) = 0 or device_name = any($3)))
                                  select json_build_object(
                                    'asked', $1::text,
                                    'job', (select row_to_json(j) from job j join firmware f using (firmware_id)
                                      where j.job_id = $1 and f.deleted_at is null),
                                    'product_name', (select name from job join product using (product_key) where job_id = $1),
                                    'tasks', (select coalesce(json_agg(row_to_json(w) order by w.task_id), '[]')
                                      from (select * from wanted order by task_id limit $4 offset $5) w),
                                    'total', (select count(*) from wanted),
                                    'positions', %s)
                                  """
      .formatted(TaskRow.isOf("$1"), POSITIONS);

  TasksSnapshot {
    tasks = List.copyOf(tasks);
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
