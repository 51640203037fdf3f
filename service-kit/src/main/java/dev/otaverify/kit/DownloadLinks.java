// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The URLs that devices download from: {@code BASE/d/KEY?e=EXPIRY&s=SIGNATURE}. Short, since the vendor's C SDK keeps
 * less than 256 characters of a path; the expiry is in epoch seconds, base 36; the signature is the first 16 bytes of the
 * HMAC-SHA256 of key and expiry, base64url. The dispatcher makes them, the gateway checks them.
 */
public final class DownloadLinks {
  private final SecretKeySpec secret;

  /** @param signingKey shared by dispatcher and gateway, 16 characters or more */
  public DownloadLinks(String signingKey) {
    if (signingKey.length() < 16) {
      throw new IllegalArgumentException("signingKey: " + signingKey.length() + " characters (expected: 16 or more)");
    }
    this.secret = new SecretKeySpec(signingKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
  }

  /** The path and query of the file, good until {@code expiry}. */
  public String path(String fileKey, Instant expiry) {
    var e = Long.toString(expiry.getEpochSecond(), 36);
    return "/d/" + fileKey + "?e=" + e + "&s=" + sign(fileKey, e);
  }

  /** Whether {@code e} and {@code s} of a request are what {@link #path} gave for this file, and not expired. */
  public boolean isValid(String fileKey, String e, String s, Instant now) {
    try {
      return MessageDigest.isEqual(sign(fileKey, e).getBytes(StandardCharsets.US_ASCII),
          s.getBytes(StandardCharsets.US_ASCII)) && now.getEpochSecond() <= Long.parseLong(e, 36);
    } catch (NumberFormatException notOurs) {
      return false;
    }
  }

  private String sign(String fileKey, String e) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(secret);
      var digest = mac.doFinal((fileKey + "\n" + e).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("HmacSHA256: missing (expected: in every Java)", impossible);
    }
  }
}
