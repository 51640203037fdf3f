// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.gateway.api.ApiRequest;
import dev.otaverify.gateway.api.Digests;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.Percent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * ACS3-HMAC-SHA256: HMAC-SHA256 over method, query string, some headers and the digest of the body; all about the
 * signature is in headers.
 */
final class Acs3Scheme implements SignatureScheme {
  private static final String DIGEST = "x-acs-content-sha256";
  private static final String DATE = "x-acs-date";
  private static final String NONCE = "x-acs-signature-nonce";
  /** What says what is asked for, when, and with which body: unsigned, anybody on the way could change it. */
  private static final List<String> TO_BE_SIGNED = List.of("x-acs-action", "x-acs-version", DATE, NONCE, DIGEST);

  @Override
  public boolean isUsedBy(ApiRequest request) {
    return request.isAcs3();
  }

  @Override
  public Claim claim(ApiRequest request) {
    var authorization = parts(request.headers().getOrDefault("authorization", ""));
    var accessKeyId = part(authorization, "Credential");
    var signature = part(authorization, "Signature");
    var signedHeaders = part(authorization, "SignedHeaders");
    var names = List.of(signedHeaders.split(";", -1));
    for (var name : TO_BE_SIGNED) {
      if (!names.contains(name)) {
        throw incomplete("SignedHeaders", signedHeaders, "with " + name);
      }
    }
    var digest = header(request, DIGEST);
    if (!digest.equals(request.bodyDigest())) {
      throw incomplete(DIGEST, digest, request.bodyDigest() + ", the hex SHA-256 of the body that came");
    }
    var headers = new StringBuilder();
    for (var name : names) {
      headers.append(name).append(':').append(header(request, name).strip()).append('\n');
    }
    var canonical = String.join("\n", request.method(), "/", Percent.canonical(request.query()), headers,
        signedHeaders, digest);
    var stringToSign = ApiRequest.ACS3 + "\n" + Digests.sha256(canonical.getBytes(StandardCharsets.UTF_8));
    return new Claim(accessKeyId, header(request, NONCE), SignedAt.read(DATE, header(request, DATE)), signature,
        List.of(stringToSign));
  }

  @Override
  public String timestampName() {
    return DATE;
  }

  @Override
  public String sign(String secret, String stringToSign) {
    return HexFormat.of().formatHex(Hmac.of("HmacSHA256", secret, stringToSign));
  }

  /** {@code name=value} by name: clients have them in different orders, with or without spaces. */
  private static Map<String, String> parts(String authorization) {
    var parts = new HashMap<String, String>();
    Arrays.stream(authorization.substring(ApiRequest.ACS3.length()).split(",", -1)).map(String::strip)
        .forEach(part -> {
          int equals = part.indexOf('=');
          if (equals < 0 || parts.put(part.substring(0, equals), part.substring(equals + 1)) != null) {
            throw incomplete("Authorization", authorization, ApiRequest.ACS3
                + " Credential=…,SignedHeaders=…,Signature=…, each once");
          }
        });
    return parts;
  }

  private static String part(Map<String, String> parts, String name) {
    @Nullable
    String value = parts.get(name);
    if (value == null || value.isEmpty()) {
      throw incomplete("Authorization", "no " + name, "Credential, SignedHeaders and Signature");
    }
    return value;
  }

  private static String header(ApiRequest request, String name) {
    @Nullable
    String value = request.headers().get(name);
    if (value == null || value.isEmpty()) {
      throw GatewayException.missing(name);
    }
    return value;
  }

  private static GatewayException incomplete(String name, String found, String expected) {
    return GatewayException.badRequest("IncompleteSignature", name + ": " + found + " (expected: " + expected + ")");
  }
}
