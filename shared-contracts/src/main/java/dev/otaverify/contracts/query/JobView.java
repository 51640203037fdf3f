// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A verification job as it is known; {@code endedAt} is null while it runs. */
public record JobView(JobId jobId, FirmwareId firmwareId, ProductKey productKey, String destVersion, JobStatus status,
    Duration timeout, boolean needPush, boolean needConfirm, List<Tag> tags, Instant createdAt,
    @Nullable Instant endedAt, Instant modifiedAt) {
  /** Copies the tags. */
  public JobView {
    tags = List.copyOf(tags);
  }
}
