// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A call, read from query string and form body alike: clients put the parameters into either, or into both.
 *
 * @param method GET or POST
 * @param headers by lower-case name
 * @param query the parameters of the query string alone, decoded, by name
 * @param parameters decoded, by name
 * @param bodyDigest hex SHA-256 of the body as it came; empty unless the signature is in the headers: no other one is about it
 */
public record ApiRequest(String method, Map<String, String> headers, Map<String, String> query,
    Map<String, String> parameters, String bodyDigest) {
  /** {@code Authorization} of a request whose signature is in the headers, and so are its action and version. */
  public static final String ACS3 = "ACS3-HMAC-SHA256";

  private static final Map<String, String> IN_HEADERS = Map.of("Action", "x-acs-action", "Version", "x-acs-version");

  /** One parameter as it was sent, decoded. */
  public record Pair(String name, String value) {}

  /** Copies the maps. */
  public ApiRequest {
    headers = Map.copyOf(headers);
    query = Map.copyOf(query);
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

  /** What can be read of a query string or a form body, also if all of it cannot. */
  public static List<Pair> readable(@Nullable String text) {
    return Stream.of(Objects.requireNonNullElse(text, "").split("&", -1)).flatMap(one -> {
      try {
        return pairs(one).stream();
      } catch (GatewayException unreadable) {
        return Stream.empty();
      }
    }).toList();
  }

  /**
   * Makes the request of what was sent.
   *
   * @param query of the query string
   * @param form of a form in the body; none if the body is no form
   * @param body as it came
   * @throws GatewayException if the method is another one, the format unknown, or a name has two values
   */
  public static ApiRequest of(String method, Map<String, String> headers, List<Pair> query, List<Pair> form,
      byte[] body) {
    if (!method.equals("GET") && !method.equals("POST")) {
      throw GatewayException.badRequest("UnsupportedHTTPMethod", "method: " + method + " (expected: GET or POST)");
    }
    Format.check(query);
    Format.check(form);
    var inQuery = merged(new LinkedHashMap<>(), query);
    var parameters = merged(new LinkedHashMap<>(inQuery), form);
    if (isAcs3(headers)) {
      IN_HEADERS.forEach((name, header) -> {
        @Nullable
        String value = headers.get(header);
        if (value != null) {
          merged(parameters, List.of(new Pair(name, value)));
        }
      });
    }
    return new ApiRequest(method, headers, inQuery, parameters, isAcs3(headers) ? Digests.sha256(body) : "");
  }

  /** Whether the headers say that the signature is in them. */
  static boolean isAcs3(Map<String, String> headers) {
    return headers.getOrDefault("authorization", "").startsWith(ACS3);
  }

  /** Whether it is signed in its headers. */
  public boolean isAcs3() {
    return isAcs3(headers);
  }

  private static Map<String, String> merged(Map<String, String> parameters, List<Pair> pairs) {
    for (var pair : pairs) {
      @Nullable
      String before = parameters.putIfAbsent(pair.name(), pair.value());
      if (before != null && !before.equals(pair.value())) {
        throw GatewayException.badRequest("InvalidParameter.Repeated",
            pair.name() + ": " + before + " and " + pair.value() + " (expected: one value)");
      }
    }
    return parameters;
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
          ? new Pair(Percent.decode(text), "")
          : new Pair(Percent.decode(text.substring(0, equals)), Percent.decode(text.substring(equals + 1)));
    } catch (IllegalArgumentException e) {
      throw GatewayException.badRequest("InvalidParameter.Encoding",
          text.substring(0, Math.min(text.length(), 120)) + ": " + e.getMessage());
    }
  }
}
