// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call, read from query string and form body alike: clients put the parameters into either, or into both.
 *
 * @param method GET or POST
 * @param headers by lower-case name
 * @param parameters decoded, by name
 */
public record ApiRequest(String method, Map<String, String> headers, Map<String, String> parameters) {

  /** One parameter as it was sent, decoded. */
  public record Pair(String name, String value) {}

  /** Copies the maps. */
  public ApiRequest {
    headers = Map.copyOf(headers);
    parameters = Map.copyOf(parameters);
  }

  /**
   * Reads a query string or a form body.
   *
   * @param text {@code name=value} joined by ampersands; null is empty
   * @throws GatewayException if it is not so encoded
   */
  public static List<Pair> pairs(@Nullable String text) {
    var pairs = new ArrayList<Pair>();
    if (text == null || text.isEmpty()) {
      return pairs;
    }
    for (int from = 0; from <= text.length();) {
      int ampersand = text.indexOf('&', from);
      int to = ampersand < 0 ? text.length() : ampersand;
      if (to > from) {
        pairs.add(pair(text.substring(from, to)));
      }
      from = to + 1;
    }
    return pairs;
  }

  /**
   * Makes the request of what was sent.
   *
   * @throws GatewayException if the method is another one, the format unknown, or a name has two values
   */
  public static ApiRequest of(String method, Map<String, String> headers, List<Pair> pairs) {
    if (!method.equals("GET") && !method.equals("POST")) {
      throw GatewayException.badRequest("UnsupportedHTTPMethod", "method: " + method + " (expected: GET or POST)");
    }
    Format.check(pairs);
    var parameters = new LinkedHashMap<String, String>();
    for (var pair : pairs) {
      @Nullable
      String before = parameters.putIfAbsent(pair.name(), pair.value());
      if (before != null && !before.equals(pair.value())) {
        throw GatewayException.badRequest("InvalidParameter.Repeated",
            pair.name() + ": " + before + " and " + pair.value() + " (expected: one value)");
      }
    }
    return new ApiRequest(method, headers, parameters);
  }

  /** The parameter, or null if it is absent or empty: some clients send what they do not set as empty. */
  public @Nullable String find(String name) {
    @Nullable
    String value = parameters.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /**
   * The parameter.
   *
   * @throws GatewayException if it is absent or empty
   */
  public String require(String name) {
    @Nullable
    String value = find(name);
    if (value == null) {
      throw GatewayException.missing(name);
    }
    return value;
  }

  private static Pair pair(String text) {
    int equals = text.indexOf('=');
    try {
      return equals < 0
          ? new Pair(Percent.decodeForm(text), "")
          : new Pair(Percent.decodeForm(text.substring(0, equals)), Percent.decodeForm(text.substring(equals + 1)));
    } catch (IllegalArgumentException e) {
      throw GatewayException.badRequest("InvalidParameter.Encoding",
          text.substring(0, Math.min(text.length(), 120)) + ": " + e.getMessage());
    }
  }
}
