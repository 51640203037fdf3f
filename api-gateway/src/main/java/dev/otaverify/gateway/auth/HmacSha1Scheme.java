// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.gateway.api.ApiRequest;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.Percent;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** SignatureVersion 1.0: HMAC-SHA1 over the method and the sorted parameters, all of it in the parameters. */
final class HmacSha1Scheme implements SignatureScheme {
  private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter
      .ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

  /** The oldest scheme, and the one that a request without any sign of another is taken to use. */
  @Override
  public boolean isUsedBy(ApiRequest request) {
    return true;
  }

  @Override
  public Claim claim(ApiRequest request) {
    var accessKeyId = request.require("AccessKeyId");
    var signature = request.require("Signature");
    var method = request.require("SignatureMethod");
    if (!method.equalsIgnoreCase("HMAC-SHA1")) {
      throw GatewayException.badRequest("InvalidSignatureMethod",
          "SignatureMethod: " + method + " (expected: HMAC-SHA1)");
    }
    var version = request.require("SignatureVersion");
    if (!version.equals("1.0")) {
      throw GatewayException.badRequest("InvalidSignatureVersion", "SignatureVersion: " + version + " (expected: 1.0)");
    }
    var nonce = request.require("SignatureNonce");
    var signedAt = timestamp(request.require("Timestamp"));
    return new Claim(accessKeyId, nonce, signedAt, signature, stringsToSign(request));
  }

  @Override
  public String sign(String secret, String stringToSign) {
    try {
      var mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec((secret + "&").getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      return Base64.getEncoder().encodeToString(mac.doFinal(stringToSign.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("HmacSHA1: missing (expected: in every Java)", impossible);
    }
  }

  /** One client sends parameters without a value and does not sign them, so they may be left out. */
  private static List<String> stringsToSign(ApiRequest request) {
    var signed = new TreeMap<>(request.parameters());
    signed.remove("Signature");
    var strings = new ArrayList<String>();
    strings.add(stringToSign(request.method(), signed));
    if (signed.values().removeIf(String::isEmpty)) {
      strings.add(stringToSign(request.method(), signed));
    }
    return strings;
  }

  /** Parameter names are ASCII in practice; the order of Java's strings is then the byte order. */
  private static String stringToSign(String method, Map<String, String> sorted) {
    var query = sorted.entrySet().stream()
        .map(parameter -> Percent.encode(parameter.getKey()) + "=" + Percent.encode(parameter.getValue()))
        .collect(Collectors.joining("&"));
    return method + "&%2F&" + Percent.encode(query);
  }

  private static Instant timestamp(String text) {
    try {
      return LocalDateTime.parse(text, TIMESTAMP).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw GatewayException.badRequest("InvalidTimeStamp.Format",
          "Timestamp: " + text + " (expected: UTC as yyyy-MM-ddTHH:mm:ssZ)");
    }
  }
}
