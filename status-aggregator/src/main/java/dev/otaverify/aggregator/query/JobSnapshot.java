// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.JobRow;
import dev.otaverify.contracts.JobId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A job.
 *
 * @param asked the id that was asked for
 * @param job null if there is none of that id
 */
record JobSnapshot(JobId asked, @Nullable JobRow job, Map<String, Long> positions) implements Snapshot {
  static final String STATEMENT = """
                                  select json_build_object(
                                    'asked', $1::text,
                                    'job', (select row_to_json(j) from job j join firmware f using (firmware_id)
                                      where j.job_id = $1 and f.deleted_at is null),
                                    'positions', %s)
                                  """.formatted(POSITIONS);

  JobSnapshot {
    positions = Map.copyOf(positions);
  }

  @Override
  public List<TopicPartition> needed() {
    return List.of(Partitions.of(asked.firmwareId()));
  }

  @Override
  public boolean isWhole() {
    return true;
  }
}
