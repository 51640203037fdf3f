// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.time.Duration;

/** The call could not be taken or finished: HTTP 4xx or 5xx. Codes and status are those of the vendor's gateway. */
public final class GatewayException extends ApiException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String recommend;
  private final Duration retryAfter;

  /** @param recommend what the caller should do; may be empty */
  public GatewayException(int status, String code, String text, String recommend) {
    this(status, code, text, recommend, Duration.ZERO);
  }

  private GatewayException(int status, String code, String text, String recommend, Duration retryAfter) {
    super(code, text);
    this.status = status;
    this.recommend = recommend;
    this.retryAfter = retryAfter;
  }

  /** A fault of the request. */
  public static GatewayException badRequest(String code, String text) {
    return new GatewayException(400, code, text, "");
  }

  /** A parameter that must be there is not. */
  public static GatewayException missing(String parameter) {
    return badRequest("Missing" + parameter, parameter + " is mandatory for this action.");
  }

  /**
   * The account has called too often.
   *
   * @param quota what may be called how often, for people
   * @param wait after this long it may pass
   */
  public static GatewayException throttled(String quota, Duration wait) {
    return new GatewayException(400, "Throttling.User",
        "Request was denied due to user flow control: " + quota + ". Send it again after " + wait.toMillis() + " ms.",
        "Send the request again after " + wait.toMillis() + " ms.", wait);
  }

  /** Certainly nothing was done by this request. */
  public static GatewayException unavailable(String what) {
    return new GatewayException(503, "ServiceUnavailable", what + " is not available; this request was not passed on.",
        "Send the same signed request again in a moment.");
  }

  /** It is not known whether the request was carried out. */
  public static GatewayException outcomeUnknown() {
    return new GatewayException(503, "ServiceUnavailable.OutcomeUnknown",
        "The outcome of this request is unknown: it was passed on, and no answer came in time. "
            + "Send the same signed request again (same SignatureNonce): it is carried out once, and you get its answer.",
        "Send the same signed request again. A request with a new nonce would be another one.");
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** How long the caller should wait before the next try; zero if nothing is known of that. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /** {@code Recommend} of the answer. */
  public String recommend() {
    return recommend;
  }
}
