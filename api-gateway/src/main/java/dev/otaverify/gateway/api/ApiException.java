// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

/** Why a call is not answered with what was asked for. It is an answer itself, so it carries no stack trace. */
public abstract sealed class ApiException extends RuntimeException permits RefusedException, GatewayException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final String text;

  ApiException(String code, String text) {
    super(code + ": " + text, null, false, false);
    this.code = code;
    this.text = text;
  }

  /** {@code Code} of the answer. */
  public String code() {
    return code;
  }

  /** {@code Message} and {@code ErrorMessage} of the answer. */
  public String text() {
    return text;
  }
}
