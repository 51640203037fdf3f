// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.contracts.AccountId;
import java.time.Instant;

/**
 * What a form allows: one file of one account.
 *
 * @param expiration when the upload must have begun
 * @param maxSize bytes
 */
record UploadPolicy(Instant expiration, String key, long maxSize, AccountId account) {}
