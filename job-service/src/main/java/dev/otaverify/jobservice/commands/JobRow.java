// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated.Target;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.kit.sql.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A verification as it is stored.
 *
 * @param verdict null while it runs; of those with none there is at most one for each firmware
 */
record JobRow(JobId jobId, FirmwareId firmwareId, ProductKey productKey, AccountId account, String destVersion,
    List<Target> targets, Duration timeout, boolean needPush, boolean needConfirm, List<Tag> tags, Instant createdAt,
    @Nullable Verdict verdict, @Nullable Instant concludedAt) {

  static final Table<JobRow> TABLE = Table.of("verify_job", JobRow.class, "job_id");

  JobRow {
    targets = List.copyOf(targets);
    tags = List.copyOf(tags);
  }

  static JobRow of(VerifyJobCreated event) {
    return new JobRow(event.jobId(), event.firmwareId(), event.productKey(), event.account(), event.destVersion(),
        event.targets(), event.timeout(), event.needPush(), event.needConfirm(), event.tags(), event.at(), null, null);
  }

  JobRow concluded(Verdict how, Instant at) {
    return new JobRow(jobId, firmwareId, productKey, account, destVersion, targets, timeout, needPush, needConfirm,
        tags, createdAt, how, at);
  }

  /** Which job of a firmware runs. */
  record Running(FirmwareId firmwareId, JobId jobId) {
    static final String COLUMNS = "jsonb_build_object('firmware_id', firmware_id, 'job_id', job_id)";
  }
}
