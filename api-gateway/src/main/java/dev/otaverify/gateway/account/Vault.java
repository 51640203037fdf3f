// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals the secrets that are stored: AES-256 in GCM, under a key that is derived from the master key. What was sealed under one name
 * does not open under another, so rows cannot be swapped. A sealed secret is a version byte, 12 bytes of nonce, and the ciphertext
 * with its tag of 16 bytes.
 */
public final class Vault {
  private static final byte VERSION = 1;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int LEAST_MASTER_KEY = 32;

  private final SecretKey key;
  private final SecureRandom random = new SecureRandom();

  /**
   * A vault.
   *
   * @param masterKey random text
   * @throws IllegalArgumentException if it is shorter than 32 characters; the message does not show it
   */
  Vault(String masterKey) {
    if (masterKey.length() < LEAST_MASTER_KEY) {
      throw new IllegalArgumentException("ota.gateway.master-key: " + masterKey.length()
          + " characters (expected: " + LEAST_MASTER_KEY + " or more random ones)");
    }
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(masterKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      key = new SecretKeySpec(mac.doFinal("otaverify access keys 1".getBytes(StandardCharsets.UTF_8)), "AES");
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("HmacSHA256: missing (expected: in every Java)", impossible);
    }
  }

  /**
   * Seals a secret.
   *
   * @param name what it opens under; one of access keys has no space in it
   */
  public byte[] seal(String name, String secret) {
    var nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      var sealed = cipher(Cipher.ENCRYPT_MODE, nonce, name).doFinal(secret.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length).put(VERSION).put(nonce).put(sealed).array();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("AES/GCM: missing (expected: in every Java)", impossible);
    }
  }

  /**
   * Opens what was sealed.
   *
   * @throws GeneralSecurityException if it was sealed with another master key or under another name, or was changed
   */
  public String open(String name, byte[] sealed) throws GeneralSecurityException {
    if (sealed.length <= 1 + NONCE_BYTES || sealed[0] != VERSION) {
      throw new GeneralSecurityException("sealed secret: not of a known form");
    }
    var nonce = new byte[NONCE_BYTES];
    System.arraycopy(sealed, 1, nonce, 0, NONCE_BYTES);
    return new String(cipher(Cipher.DECRYPT_MODE, nonce, name).doFinal(sealed, 1 + NONCE_BYTES,
        sealed.length - 1 - NONCE_BYTES), StandardCharsets.UTF_8);
  }

  private Cipher cipher(int mode, byte[] nonce, String name) throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
