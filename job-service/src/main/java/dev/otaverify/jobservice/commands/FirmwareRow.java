// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.jobservice.rules.Firmware;
import dev.otaverify.jobservice.rules.RunningJob;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A firmware as it is stored. That it is being verified is not in the row: the running job says so.
 *
 * @param verdict of the last job; null before that has ended, and for a deleted firmware
 * @param eventNumber of the last event that was written about it
 * @param deletedAt null unless it was deleted; its name is free then
 */
record FirmwareRow(FirmwareId firmwareId, AccountId account, String name, ProductKey productKey, FirmwareSpec spec,
    @Nullable Verdict verdict, long eventNumber, Instant createdAt, @Nullable Instant deletedAt) {

  static final Table<FirmwareRow> TABLE = Table.of("firmware", FirmwareRow.class, "firmware_id");

  /** @param before the row as it was; null for a new one */
  static FirmwareRow of(Firmware state, long eventNumber, @Nullable FirmwareRow before, Instant now) {
    var createdAt = before == null ? now : before.createdAt();
    return switch (state) {
      case Firmware.Unknown none -> throw new IllegalStateException(
          "firmware: " + none.id() + " (expected: known once something happened to it)");
      case Firmware.Deleted deleted -> new FirmwareRow(deleted.id(), deleted.account(), deleted.spec().name(),
          deleted.spec().productKey(), deleted.spec(), null, eventNumber,
          createdAt, now);
      case Firmware.Known known -> new FirmwareRow(known.id(), known.account(), known.spec().name(),
          known.spec().productKey(), known.spec(), verdict(known), eventNumber, createdAt, null);
    };
  }

  private static @Nullable Verdict verdict(Firmware.Known state) {
    return switch (state) {
      case Firmware.Unverified ignored -> null;
      case Firmware.NotNeeded ignored -> null;
      case Firmware.Verifying ignored -> null;
      case Firmware.Verified ignored -> Verdict.VERIFIED;
      case Firmware.VerificationFailed ignored -> Verdict.FAILED;
    };
  }

  Firmware state(@Nullable RunningJob job) {
    if (deletedAt != null) {
      return new Firmware.Deleted(firmwareId, account, spec);
    }
    if (job != null) {
      return new Firmware.Verifying(firmwareId, account, spec, job);
    }
    if (verdict != null) {
      return switch (verdict) {
        case VERIFIED -> new Firmware.Verified(firmwareId, account, spec);
        case FAILED -> new Firmware.VerificationFailed(firmwareId, account, spec);
      };
    }
    return spec.needToVerify()
        ? new Firmware.Unverified(firmwareId, account, spec)
        : new Firmware.NotNeeded(firmwareId, account, spec);
  }

  Name nameInAccount() {
    return new Name(account, name);
  }
}
