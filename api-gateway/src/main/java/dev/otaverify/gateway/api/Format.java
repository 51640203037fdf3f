// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.util.List;
import java.util.Map;

/** What an answer is written in. */
public enum Format {
  JSON("application/json;charset=utf-8"), XML("text/xml;charset=utf-8");

  private final String contentType;

  Format(String contentType) {
    this.contentType = contentType;
  }

  /** The value of {@code Content-Type}. */
  public String contentType() {
    return contentType;
  }

  /**
   * What the request asks for: even a failure must be written in something. Without {@code Format} that is XML, as the
   * vendor documents; but clients that sign in headers send none and ask in {@code Accept}, and read JSON if they do not.
   *
   * @param headers by lower-case name
   * @param pairs of the query, then of the form: the first that says it
   */
  @SafeVarargs
  public static Format preferred(Map<String, String> headers, List<ApiRequest.Pair>... pairs) {
    for (var some : pairs) {
      for (var pair : some) {
        if (pair.name().equals("Format") && !pair.value().isEmpty()) {
          return pair.value().equalsIgnoreCase("JSON") ? JSON : XML;
        }
      }
    }
    return ApiRequest.isAcs3(headers) && !headers.getOrDefault("accept", "").contains("xml") ? JSON : XML;
  }

  /**
   * Refuses what is neither.
   *
   * @throws GatewayException if a format is named that is not written here
   */
  static void check(List<ApiRequest.Pair> pairs) {
    for (var pair : pairs) {
      if (pair.name().equals("Format") && !pair.value().isEmpty() && !pair.value().equalsIgnoreCase("JSON")
          && !pair.value().equalsIgnoreCase("XML")) {
        throw GatewayException.badRequest("InvalidParameter.Format",
            "Format: " + pair.value() + " (expected: JSON or XML)");
      }
    }
  }
}
