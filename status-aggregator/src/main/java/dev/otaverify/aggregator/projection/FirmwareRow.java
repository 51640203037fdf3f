// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.FirmwareDeleted;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.contracts.query.FirmwareStatus;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A firmware as it is known.
 *
 * @param jobId the current job, the last one that began; null before the first
 * @param deletedAt null unless it was deleted; queries do not show it then
 * @param jobServiceNumber of the last event applied
 */
public record FirmwareRow(FirmwareId firmwareId, AccountId account, ProductKey productKey, FirmwareSpec spec,
    FirmwareStatus status, int verifyProgress, @Nullable JobId jobId, Instant createdAt, Instant modifiedAt,
    @Nullable Instant deletedAt, long jobServiceNumber) {
  static final Table<FirmwareRow> TABLE = Table.of("firmware", FirmwareRow.class, "firmware_id");

  static FirmwareRow of(FirmwareCreated event, long number) {
    return new FirmwareRow(event.firmwareId(), event.account(), event.spec().productKey(), event.spec(),
        event.spec().needToVerify() ? FirmwareStatus.UNVERIFIED : FirmwareStatus.NOT_NEEDED, 0, null, event.at(),
        event.at(), null, number);
  }

  FirmwareRow verifying(VerifyJobCreated event) {
    return new FirmwareRow(firmwareId, account, productKey, spec, FirmwareStatus.VERIFYING, 0, event.jobId(), createdAt,
        event.at(), deletedAt, jobServiceNumber);
  }

  /** Of no effect unless this job is the current one and its verdict is not known yet. */
  FirmwareRow progressed(JobId job, int percent, Instant at) {
    return !job.equals(jobId) || status != FirmwareStatus.VERIFYING || verifyProgress == percent
        ? this
        : new FirmwareRow(firmwareId, account, productKey, spec, status, percent, jobId, createdAt, at,
            deletedAt, jobServiceNumber);
  }

  /**
   * Of no effect unless this job is the current one. It may not be: job-service gets to know the verdict before it is
   * published here, and a next job may begin in between.
   */
  FirmwareRow concluded(JobId job, Verdict verdict, Instant at) {
    if (!job.equals(jobId)) {
      return this;
    }
    return switch (verdict) {
      case VERIFIED -> new FirmwareRow(firmwareId, account, productKey, spec, FirmwareStatus.VERIFIED, 100, jobId,
          createdAt, at, deletedAt, jobServiceNumber);
      case FAILED -> new FirmwareRow(firmwareId, account, productKey, spec, FirmwareStatus.VERIFICATION_FAILED,
          verifyProgress, jobId, createdAt, at, deletedAt, jobServiceNumber);
    };
  }

  FirmwareRow after(FirmwareDeleted event) {
    return new FirmwareRow(firmwareId, account, productKey, spec, status, verifyProgress, jobId, createdAt, event.at(),
        event.at(), jobServiceNumber);
  }

  FirmwareRow numbered(long number) {
    return new FirmwareRow(firmwareId, account, productKey, spec, status, verifyProgress, jobId, createdAt, modifiedAt,
        deletedAt, number);
  }

  /** As it is shown. */
  public FirmwareView view(String productName) {
    return new FirmwareView(firmwareId, spec, productName, status, verifyProgress, createdAt, modifiedAt);
  }
}
