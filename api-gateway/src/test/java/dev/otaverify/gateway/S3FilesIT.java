// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Files in object storage. */
class S3FilesIT extends FilesContract {
  private static final String PREFIX = "ota/test/";
  private final ObjectStorage storage;

  S3FilesIT() throws Exception {
    storage = new ObjectStorage();
  }

  @Override
  List<String> settings() {
    var settings = new ArrayList<>(storage.settings());
    // Fewer than there are slow downloads.
    settings.add("--ota.files.s3.max-connections=4");
    return settings;
  }

  @Override
  List<String> kept() {
    assertThat(storage.names()).allMatch(name -> name.startsWith(PREFIX));
    return storage.names().map(name -> name.substring(PREFIX.length())).toList();
  }

  @AfterAll
  void stopStorage() throws Exception {
    storage.stop();
  }

  @Test
  void storageThatRefusesOrHasNoSuchBucketIsToldAtTheStart() throws Exception {
    var other = storage.settings("other", ObjectStorage.SECRET).toArray(String[]::new);
    var stranger = storage.settings(ObjectStorage.BUCKET, "wrong").toArray(String[]::new);

    assertThatThrownBy(() -> new RunningGateway(directory, other).close())
        .hasStackTraceContaining("ota.files.s3.bucket: other answers 404 NoSuchBucket (expected: ");
    assertThatThrownBy(() -> new RunningGateway(directory, stranger).close())
        .hasStackTraceContaining("ota.files.s3.bucket: firmware answers 403 SignatureDoesNotMatch (expected: ");
  }
}
