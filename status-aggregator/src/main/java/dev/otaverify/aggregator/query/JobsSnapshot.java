// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.FirmwareRow;
import dev.otaverify.aggregator.projection.JobRow;
import dev.otaverify.aggregator.projection.TaskRow;
import dev.otaverify.contracts.FirmwareId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Jobs of a firmware, the newest first.
 *
 * @param asked the firmware that was asked for
 * @param firmware null if there is none of that id
 * @param total of the jobs that were asked for, on all pages
 */
record JobsSnapshot(FirmwareId asked, @Nullable FirmwareRow firmware, List<JobRow> jobs, int total,
    Map<String, Long> positions) implements Snapshot {
  /** Parameters: firmware id; name of a device they must be for, or empty; size of a page; jobs to skip. */
  static final String STATEMENT = """
                                  with wanted as (
                                    select * from job j where firmware_id = $1 and ($2 = '' or exists (
                                      select from task t where t.%s and t.device_name = $2)))
                                  select json_build_object(
                                    'asked', $1::text,
                                    'firmware', (select row_to_json(f) from firmware f
                                      where firmware_id = $1 and deleted_at is null),
                                    'jobs', (select coalesce(json_agg(row_to_json(w)
                                        order by w.created_at desc, w.job_id), '[]')
                                      from (select * from wanted order by created_at desc, job_id
                                        limit $3 offset $4) w),
                                    'total', (select count(*) from wanted),
                                    'positions', %s)
                                  """.formatted(TaskRow.isOf("j.job_id"), POSITIONS);

  JobsSnapshot {
    jobs = List.copyOf(jobs);
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
