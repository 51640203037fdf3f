// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.gateway.auth.Caller;
import java.time.Instant;
import reactor.core.publisher.Mono;

/** The files of firmware, which the gateway takes and serves itself, unless they are elsewhere. */
public interface FirmwareFiles {

  /** What a client posts a file with: the vendor's names, of an object store's form. */
  record UploadForm(String host, String key, String accessKeyId, String policy, String signature, String firmwareUrl,
      Instant issuedAt) {}

  /** A file as it was measured while it came in. */
  record UploadedFile(String key, long size, String md5, String sha256) {}

  /**
   * A form for one file of this caller.
   *
   * @param suffix of the file, without a dot before it
   */
  UploadForm uploadForm(String suffix, Caller caller);

  /** Whether this names a file that is none of ours: an absolute {@code http} or {@code https} URL of another server. */
  boolean isElsewhere(String firmwareUrl);

  /** The caller's file that {@code FirmwareUrl} names; empty if there is none, or it was not uploaded. */
  Mono<UploadedFile> find(String firmwareUrl, Caller caller);
}
