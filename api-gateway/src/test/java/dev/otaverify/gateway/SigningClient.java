// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.contracts.CommandId;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the API, written independently of the gateway's code. */
final class SigningClient {
  static final String KEY_ID = "testid";
  static final String SECRET = "testsecret";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI base;

  SigningClient(URI base) {
    this.base = base;
  }

  /** An answer of the API. */
  record Answer(int status, String contentType, String text) {
    JsonNode json() {
      return JSON.readTree(text);
    }
  }

  /** The parameters of a signed call. */
  static Map<String, String> signed(String action, Map<String, String> parameters) {
    return signed(action, parameters, UUID.randomUUID().toString(), Instant.now(), SECRET);
  }

  static Map<String, String> signed(String action, Map<String, String> parameters, String nonce, Instant at,
      String secret) {
    return signed(action, parameters, nonce, at, KEY_ID, secret);
  }

  static Map<String, String> signed(String action, Map<String, String> parameters, String nonce, Instant at,
      String keyId, String secret) {
    var all = new TreeMap<String, String>(Map.of("Action", action, "Version", "2018-01-20", "Format", "JSON",
        "AccessKeyId", keyId, "SignatureMethod", "HMAC-SHA1", "SignatureVersion", "1.0", "SignatureNonce", nonce,
        "Timestamp", at.truncatedTo(ChronoUnit.SECONDS).toString()));
    all.putAll(parameters);
    all.put("Signature", hmac(secret + "&", "POST&%2F&" + encode(join(all))));
    return all;
  }

  Answer call(String action, Map<String, String> parameters) throws Exception {
    return post(signed(action, parameters));
  }

  /** The name that the gateway gives the command of this request. */
  static CommandId commandId(Map<String, String> signed) {
    return CommandId.of(KEY_ID, Objects.requireNonNull(signed.get("SignatureNonce")));
  }

  /** Posts them as a form. */
  Answer post(Map<String, String> signed) throws Exception {
    return send(HttpRequest.newBuilder(base.resolve("/")).header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(join(signed))).build());
  }

  /** Posts them in the query. */
  Answer postInQuery(Map<String, String> signed) throws Exception {
    return send(
        HttpRequest.newBuilder(base.resolve("/?" + join(signed))).POST(HttpRequest.BodyPublishers.noBody()).build());
  }

  Answer send(HttpRequest request) throws Exception {
    var response = http.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.headers().firstValue("Content-Type").orElse(""), response.body());
  }

  static String join(Map<String, String> parameters) {
    return parameters.entrySet().stream().map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
  }

  private static String hmac(String key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
