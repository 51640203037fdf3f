// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.contracts.query.JobStatus;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.kit.sql.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job as it is known.
 *
 * @param verdict as it was decided; unlike {@code status} it does not wait until that is read back
 * @param ownNumber of the last event of ours that was read back
 */
public record JobRow(JobId jobId, FirmwareId firmwareId, AccountId account, ProductKey productKey,
    ModuleName moduleName, String destVersion, JobStatus status, Duration timeout, boolean needPush,
    boolean needConfirm, List<Tag> tags,
    @Nullable Verdict verdict, Instant createdAt, @Nullable Instant endedAt, Instant modifiedAt, long ownNumber) {
  static final Table<JobRow> TABLE = Table.of("job", JobRow.class, "job_id");

  /** That of the verdict, which follows on the end of the job: no event of ours comes after it. */
  static final long LAST_NUMBER = 2;

  /** Copies the tags. */
  public JobRow {
    tags = List.copyOf(tags);
  }

  static JobRow of(VerifyJobCreated event, ModuleName module) {
    return new JobRow(event.jobId(), event.firmwareId(), event.account(), event.productKey(), module,
        event.destVersion(),
        JobStatus.IN_PROGRESS, event.timeout(), event.needPush(), event.needConfirm(), event.tags(), null, event.at(),
        null, event.at(), 0);
  }

  JobRow decided(Verdict decided) {
    return new JobRow(jobId, firmwareId, account, productKey, moduleName, destVersion, status, timeout, needPush,
        needConfirm, tags,
        decided, createdAt, endedAt, modifiedAt, ownNumber);
  }

  JobRow completed(JobCompleted event) {
    return new JobRow(jobId, firmwareId, account, productKey, moduleName, destVersion,
        event.canceled() ? JobStatus.CANCELED : JobStatus.COMPLETED, timeout, needPush, needConfirm, tags, verdict,
        createdAt, event.at(), event.at(), ownNumber);
  }

  JobRow numbered(long number) {
    return new JobRow(jobId, firmwareId, account, productKey, moduleName, destVersion, status, timeout, needPush,
        needConfirm, tags,
        verdict, createdAt, endedAt, modifiedAt, number);
  }

  /** As it is shown. */
  public JobView view() {
    return new JobView(jobId, firmwareId, productKey, destVersion, status, timeout, needPush, needConfirm, tags,
        createdAt, endedAt, modifiedAt);
  }
}
