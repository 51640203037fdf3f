// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import dev.otaverify.contracts.ErrorCode;

/** A business rule refuses: HTTP 200 with {@code Success} false. */
public final class RefusedException extends ApiException {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 120;

  /** @param code one of {@link ErrorCode}, as it stands in a reply */
  public RefusedException(String code, String text) {
    super(code, text);
  }

  /** A refusal by a rule of this service. */
  public RefusedException(ErrorCode code, String text) {
    super(code.code(), text);
  }

  /** A parameter is not what it must be. */
  public static RefusedException unexpected(ErrorCode code, String parameter, String value, String expected) {
    var shown = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
    return new RefusedException(code, parameter + ": " + shown + " (expected: " + expected + ")");
  }
}
