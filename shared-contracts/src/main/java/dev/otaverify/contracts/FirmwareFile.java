// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

/**
 * The file of a firmware, as it was measured while it was uploaded.
 *
 * @param key the name of the file in the gateway's store; whoever may download it gets a signed URL made from it
 * @param url what the client called it in {@code FirmwareUrl}
 * @param size bytes
 * @param md5 32 hex digits, lower case
 * @param sha256 64 hex digits, lower case
 * @param signMethod which of the two digests is {@code FirmwareSign}
 */
public record FirmwareFile(String key, String url, long size, String md5, String sha256, SignMethod signMethod) {

  /** The digests that a package may be declared with. */
  public enum SignMethod {
    MD5, SHA256
  }

  /** The digest that {@link #signMethod} names. */
  public String sign() {
    return switch (signMethod) {
      case MD5 -> md5;
      case SHA256 -> sha256;
    };
  }
}
