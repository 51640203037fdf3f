// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.util.List;

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

  /** What the request asks for, XML if it asks for nothing that is known: even a failure must be written in something. */
  public static Format preferred(List<ApiRequest.Pair> pairs) {
    for (var pair : pairs) {
      if (pair.name().equals("Format") && pair.value().equalsIgnoreCase("JSON")) {
        return JSON;
      }
    }
    return XML;
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
