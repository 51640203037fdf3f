// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.jobservice.rules.Firmware;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A firmware as it is stored. That it is being verified is not in the row: the running job says so.
 *
 * @param verdict of the last job; null before that has ended
 * @param eventNumber of the last event that was written about it
 */
record FirmwareRow(FirmwareId firmwareId, AccountId account, String name, ProductKey productKey, FirmwareSpec spec,
    @Nullable Verdict verdict, long eventNumber, Instant createdAt) {

  static final Table<FirmwareRow> TABLE = Table.of("firmware", FirmwareRow.class, "firmware_id");

  static FirmwareRow of(Firmware.Known state, long eventNumber, Instant createdAt) {
    @Nullable
    Verdict verdict = switch (state) {
      case Firmware.Unverified ignored -> null;
      case Firmware.NotNeeded ignored -> null;
      case Firmware.Verifying ignored -> null;
      case Firmware.Verified ignored -> Verdict.VERIFIED;
      case Firmware.VerificationFailed ignored -> Verdict.FAILED;
    };
    return new FirmwareRow(state.id(), state.account(), state.spec().name(), state.spec().productKey(), state.spec(),
        verdict, eventNumber, createdAt);
  }

  Firmware state(@Nullable JobId runningJob) {
    if (runningJob != null) {
      return new Firmware.Verifying(firmwareId, account, spec, runningJob);
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
