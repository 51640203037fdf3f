// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.FirmwareId;
import java.util.Objects;

/** Asks for a firmware of an account, as one of many that are asked for at once. */
public record FirmwareQuestion(AccountId account, FirmwareId firmwareId) {
  /** So many may be asked at once. */
  public static final int MOST = 200;

  public FirmwareQuestion {
    Objects.requireNonNull(account, "account");
    Objects.requireNonNull(firmwareId, "firmwareId");
  }
}
