// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a client signs its calls with, with the vendor's signature version 1.0 (HMAC-SHA1). */
public record AccessKey(String id, String secret) {

  /**
   * A call as the query string of a GET, or the form of a POST. It has a nonce of its own: sent again as it is, it is the same call.
   *
   * @param method {@code GET} or {@code POST}
   */
  public String signed(String method, String action, Map<String, String> parameters) {
    var all = new TreeMap<>(parameters);
    all.putAll(Map.of("Action", action, "Version", "2018-01-20", "Format", "JSON", "AccessKeyId", id,
        "SignatureMethod", "HMAC-SHA1", "SignatureVersion", "1.0", "SignatureNonce", UUID.randomUUID().toString(),
        "Timestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()));
    var query = query(all);
    var toSign = method + "&%2F&" + encode(query);
    try {
      var mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec((secret + "&").getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      var signature = Base64.getEncoder().encodeToString(mac.doFinal(toSign.getBytes(StandardCharsets.UTF_8)));
      return query + "&Signature=" + encode(signature);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("HmacSHA1: missing (expected: in every Java)", impossible);
    }
  }

  @Override
  public String toString() {
    return "AccessKey[id=" + id + "]";
  }

  private static String query(Map<String, String> parameters) {
    return parameters.entrySet().stream().map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
  }
}
