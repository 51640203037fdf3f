// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * The file of a firmware: uploaded, and measured while it was, or elsewhere, on a server that is none of ours. Of one elsewhere only
 * is known what was declared: it has no key, and the digest that was not declared is all zeros.
 *
 * @param key the name of the file in the gateway's store; whoever may download it gets a signed URL made from it. Empty if the file is
 *     elsewhere
 * @param url what the client called it in {@code FirmwareUrl}; where devices get it from, if it is elsewhere
 * @param size bytes
 * @param md5 32 hex digits, lower case
 * @param sha256 64 hex digits, lower case
 * @param signMethod which of the two digests is {@code FirmwareSign}
 */
public record FirmwareFile(String key, String url, long size, String md5, String sha256, SignMethod signMethod) {
  private static final String UNKNOWN_MD5 = "0".repeat(32);
  private static final String UNKNOWN_SHA256 = "0".repeat(64);

  /** The digests that a package may be declared with. */
  public enum SignMethod {
    MD5, SHA256
  }

  /**
   * A file elsewhere, as it was declared.
   *
   * @param sign the digest that {@code signMethod} names, in hex digits, lower case
   */
  public static FirmwareFile elsewhere(String url, long size, SignMethod signMethod, String sign) {
    return switch (signMethod) {
      case MD5 -> new FirmwareFile("", url, size, sign, UNKNOWN_SHA256, signMethod);
      case SHA256 -> new FirmwareFile("", url, size, UNKNOWN_MD5, sign, signMethod);
    };
  }

  /** Whether devices get it from {@link #url}, and not by a link of ours. */
  @JsonIgnore
  public boolean isElsewhere() {
    return key.isEmpty();
  }

  /** Whether {@link #md5} is the digest of the file. */
  public boolean knowsMd5() {
    return !isElsewhere() || signMethod == SignMethod.MD5;
  }

  /** The digest that {@link #signMethod} names. */
  public String sign() {
    return switch (signMethod) {
      case MD5 -> md5;
      case SHA256 -> sha256;
    };
  }
}
