// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.gateway.api.ApiRequest;
import dev.otaverify.gateway.api.GatewayException;
import java.time.Instant;
import java.util.List;

/** One way to sign requests. */
interface SignatureScheme {

  /**
   * What a request says about its signature; nothing of it is proved.
   *
   * @param stringsToSign what the client may have signed, the likeliest first
   */
  record Claim(String accessKeyId, String nonce, Instant signedAt, String signature, List<String> stringsToSign) {
    /** Copies the strings. */
    public Claim {
      stringsToSign = List.copyOf(stringsToSign);
    }
  }

  /** Whether the request is signed this way. */
  boolean isUsedBy(ApiRequest request);

  /**
   * Reads what the request says.
   *
   * @throws GatewayException if something is missing or not in its form
   */
  Claim claim(ApiRequest request);

  /** Where the time of signing stands in a request, for messages. */
  String timestampName();

  /** The signature that the holder of the secret makes. */
  String sign(String secret, String stringToSign);
}
