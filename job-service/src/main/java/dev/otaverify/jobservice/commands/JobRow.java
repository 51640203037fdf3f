// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated.Target;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.jobservice.rules.RunningJob;
import dev.otaverify.kit.sql.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A verification as it is stored.
 *
 * @param verdict null while it runs; of those with none there is at most one for each firmware
 */
record JobRow(JobId jobId, FirmwareId firmwareId, ProductKey productKey, AccountId account, String destVersion,
    List<Target> targets, Duration timeout, boolean needPush, boolean needConfirm, List<Tag> tags, Instant createdAt,
    @Nullable Verdict verdict, @Nullable Instant concludedAt, List<TaskId> confirmed, List<TaskId> canceled) {

  static final Table<JobRow> TABLE = Table.of("verify_job", JobRow.class, "job_id");

  JobRow {
    targets = List.copyOf(targets);
    tags = List.copyOf(tags);
    confirmed = List.copyOf(confirmed);
    canceled = List.copyOf(canceled);
  }

  static JobRow of(VerifyJobCreated event) {
    return new JobRow(event.jobId(), event.firmwareId(), event.productKey(), event.account(), event.destVersion(),
        event.targets(), event.timeout(), event.needPush(), event.needConfirm(), event.tags(), event.at(), null, null,
        List.of(), List.of());
  }

  JobRow concluded(Verdict how, Instant at) {
    return new JobRow(jobId, firmwareId, productKey, account, destVersion, targets, timeout, needPush, needConfirm,
        tags, createdAt, how, at, confirmed, canceled);
  }

  JobRow with(RunningJob state) {
    return new JobRow(jobId, firmwareId, productKey, account, destVersion, targets, timeout, needPush, needConfirm,
        tags, createdAt, verdict, concludedAt, state.confirmed().stream().sorted().toList(),
        state.canceled().stream().sorted().toList());
  }

  RunningJob state() {
    return new RunningJob(jobId, productKey, needConfirm, targets, Set.copyOf(confirmed), Set.copyOf(canceled));
  }

  /** A device that a running job is for. */
  record Busy(ProductKey productKey, DeviceName deviceName, JobId jobId) {}
}
