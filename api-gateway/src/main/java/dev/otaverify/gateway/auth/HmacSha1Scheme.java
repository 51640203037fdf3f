// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.gateway.api.ApiRequest;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.Percent;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** SignatureVersion 1.0: HMAC-SHA1 over the method and the sorted parameters, all of it in the parameters. */
final class HmacSha1Scheme implements SignatureScheme {
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
    var signedAt = SignedAt.read(timestampName(), request.require("Timestamp"));
    return new Claim(accessKeyId, nonce, signedAt, signature, stringsToSign(request));
  }

  @Override
  public String timestampName() {
    return "Timestamp";
  }

  @Override
  public String sign(String secret, String stringToSign) {
    return Base64.getEncoder().encodeToString(Hmac.of("HmacSHA1", secret + "&", stringToSign));
  }

  /** One client sends parameters without a value and does not sign them, so they may be left out. */
  private static List<String> stringsToSign(ApiRequest request) {
    var signed = new HashMap<>(request.parameters());
    signed.remove("Signature");
    var strings = new ArrayList<String>();
    strings.add(stringToSign(request.method(), signed));
    if (signed.values().removeIf(String::isEmpty)) {
      strings.add(stringToSign(request.method(), signed));
    }
    return strings;
  }

  private static String stringToSign(String method, Map<String, String> signed) {
    return method + "&%2F&" + Percent.encode(Percent.canonical(signed));
  }
}
