// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.contracts.Wire;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.FirmwareFiles.UploadForm;
import dev.otaverify.kit.BaseUrl;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Gives out and checks the forms that files are posted with, shaped like those of the vendor's object store. */
final class UploadForms {
  /** The name that goes into {@code OSSAccessKeyId}: there is one key, and it is not a caller's. */
  static final String ACCESS_KEY_ID = "otaverify-upload";
  private static final Pattern KEY = Pattern.compile("[0-9A-Za-z]{22}\\.[a-z]{2,4}(\\.[a-z]{2})?");

  private final SecretKeySpec secret;
  private final BaseUrl base;
  private final String uploadUrl;
  private final String filesUrl;
  private final long maxSize;
  private final Duration validity;
  private final Clock clock;

  UploadForms(FilesProperties properties, Clock clock) {
    // Not the key itself: a link for a device must never be a signature of a form.
    this.secret = new SecretKeySpec(("upload:" + properties.signingKey()).getBytes(StandardCharsets.UTF_8), "HmacSHA1");
    this.base = properties.base();
    this.uploadUrl = properties.baseUrl() + "/upload";
    this.filesUrl = properties.baseUrl() + "/files/";
    this.maxSize = properties.maxSize().toBytes();
    this.validity = properties.formValidity();
    this.clock = clock;
  }

  UploadForm issue(String suffix, Caller caller) {
    // Named for the request, so the same request sent again gets the same key.
    var key = caller.command() + "." + suffix;
    var now = clock.instant();
    var json = Wire.JSON.writeValueAsBytes(new UploadPolicy(now.plus(validity), key, maxSize, caller.account()));
    var policy = Base64.getEncoder().encodeToString(json);
    return new UploadForm(uploadUrl, key, ACCESS_KEY_ID, policy, sign(policy), filesUrl + key, now);
  }

  /**
   * What the fields of a posted form allow.
   *
   * @throws GatewayException if they are not those of a form that was given out, or too late
   */
  UploadPolicy check(Map<String, String> fields) {
    var policyText = field(fields, "policy");
    var signature = field(fields, "Signature");
    if (!field(fields, "OSSAccessKeyId").equals(ACCESS_KEY_ID)) {
      throw new GatewayException(403, "InvalidAccessKeyId", "The OSSAccessKeyId is not that of the form.", "");
    }
    if (!MessageDigest.isEqual(sign(policyText).getBytes(StandardCharsets.UTF_8),
        signature.getBytes(StandardCharsets.UTF_8))) {
      throw new GatewayException(403, "SignatureDoesNotMatch", "The Signature is not that of the policy.", "");
    }
    var policy = Wire.JSON.readValue(Base64.getDecoder().decode(policyText), UploadPolicy.class);
    if (clock.instant().isAfter(policy.expiration())) {
      throw new GatewayException(403, "AccessDenied", "The form has expired at " + policy.expiration() + ".",
          "Ask for another with GenerateOTAUploadURL.");
    }
    if (!field(fields, "key").equals(policy.key())) {
      throw new GatewayException(403, "AccessDenied", "The key is not that of the policy.", "");
    }
    return policy;
  }

  /** Whether this names no file of ours, but one on another server. */
  boolean isElsewhere(String firmwareUrl) {
    return base.isElsewhere(firmwareUrl);
  }

  /** The key in a {@code FirmwareUrl} of ours. */
  Optional<String> keyOf(String firmwareUrl) {
    if (!firmwareUrl.startsWith(filesUrl)) {
      return Optional.empty();
    }
    return Optional.of(firmwareUrl.substring(filesUrl.length())).filter(UploadForms::isKey);
  }

  /** Whether this can be a key; anything else must not get near the file system. */
  static boolean isKey(String text) {
    return KEY.matcher(text).matches();
  }

  private String sign(String policy) {
    try {
      var mac = Mac.getInstance("HmacSHA1");
      mac.init(secret);
      return Base64.getEncoder().encodeToString(mac.doFinal(policy.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("HmacSHA1: missing (expected: in every Java)", impossible);
    }
  }

  private static String field(Map<String, String> fields, String name) {
    @Nullable
    String value = fields.get(name);
    if (value == null) {
      throw GatewayException.badRequest("InvalidArgument", name + ": missing (expected: a form field before the file)");
    }
    return value;
  }
}
