// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.contracts.AccountId;
import java.time.Instant;

/**
 * What is kept beside a file, and makes it count as uploaded.
 *
 * @param content name of the object with the content
 * @param md5 32 hex digits, lower case
 * @param sha256 64 hex digits, lower case
 */
record StoredFile(String key, AccountId account, String content, long size, String md5, String sha256,
    Instant uploadedAt) {

  static StoredFile of(UploadPolicy policy, Spool.Received received, Instant now) {
    return new StoredFile(policy.key(), policy.account(), policy.key() + "-" + received.name(), received.size(),
        received.md5(), received.sha256(), now);
  }
}
