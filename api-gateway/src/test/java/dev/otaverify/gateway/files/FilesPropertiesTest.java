// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What may be configured, as it is bound. */
class FilesPropertiesTest {
  private static final Map<String, String> DIRECTORY = Map.of("directory", "/var/lib/ota/files", "signing-key",
      "secret-secret-secret");
  private static final Map<String, String> S3 = Map.of("directory", "/tmp/in", "signing-key", "secret-secret-secret",
      "store", "s3", "s3.bucket", "firmware", "s3.access-key", "id", "s3.secret-key", "secret!");

  @Test
  void aDirectoryIsTheDefaultAndObjectStorageNeedsABucketOnly() {
    assertThat(bind(DIRECTORY).s3()).isNull();
    var s3 = s3(Map.of("directory", "/tmp/in", "signing-key", "secret-secret-secret", "store", "s3", "s3.bucket",
        "firmware"));

    assertThat(s3.endpoint()).isNull();
    assertThat(s3.accessKey()).isNull();
    assertThat(s3.region()).isEqualTo("us-east-1");
  }

  @Test
  void secretsAreNotShown() {
    assertThat(bind(S3).toString()).contains("bucket=firmware", "accessKey=id").doesNotContain("secret");
  }

  @Test
  void theSecretMayBeInAFile(@TempDir Path directory) throws Exception {
    var file = Files.writeString(directory.resolve("secret"), "from file\n");
    var settings = new HashMap<>(S3);
    settings.remove("s3.secret-key");
    settings.put("s3.secret-key-file", file.toString());

    var s3 = s3(settings);
    assertThat(s3.secret()).isEqualTo("from file");
    Files.delete(file);
    assertThatThrownBy(s3::secret)
        .hasMessage("ota.files.s3.secret-key-file: " + file + " (expected: a file to read)");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                                                            store             | directory      | ota.files.store: directory (expected: s3, since there is ota.files.s3)
                                                            s3.bucket         | Firmware       | ota.files.s3.bucket: Firmware (expected: 3 to 63 lower case letters, digits, dots or hyphens)
                                                            s3.bucket         | -              | ota.files.s3.bucket: null (expected: 3 to 63 lower case letters, digits, dots or hyphens)
                                                            s3.endpoint       | minio:9000     | ota.files.s3.endpoint: minio:9000 (expected: http:// or https:// and a host)
                                                            s3.secret-key     | -              | ota.files.s3.secret-key and secret-key-file: 0 given (expected: one of them, since there is access-key)
                                                            s3.access-key     | -              | ota.files.s3.secret-key and secret-key-file: 1 given (expected: none without access-key)
                                                            s3.secret-key-file | /run/s        | ota.files.s3.secret-key and secret-key-file: 2 given (expected: one of them, since there is access-key)
                                                            s3.prefix         | ota            | ota.files.s3.prefix: ota (expected: empty, or names of letters, digits or _ . - with a / after each)
                                                            s3.max-downloads  | 0              | ota.files.s3.max-downloads: 0 (expected: 1 or more)
                                                            max-size          | 6GB            | ota.files.max-size: 6442450944B (expected: 5368709120B or less, the largest object that is put at once)
                                                            base-url          | fw.example.com | ota.files.base-url: fw.example.com (expected: http:// or https://, a host of up to 255 characters, maybe a port and a path of up to 180, and no slash at the end)
                                                            signing-key       | short          | ota.files.signing-key: 5 characters (expected: 16 or more)
                                                            orphan-age        | 1h             | ota.files.orphan-age: PT1H (expected: PT1H5M or more)
                                                            orphan-grace      | 1m             | ota.files.orphan-grace: PT1M (expected: PT10M or more)
                                                            clean-up-interval | 0s             | ota.files.clean-up-interval: PT0S (expected: 1ms or more)
                                                            """)
  void whatIsOutOfBoundsIsToldWithWhatWasExpected(String name, @Nullable String value, String message) {
    var settings = new HashMap<>(S3);
    settings.remove(name);
    if (value != null) {
      settings.put(name, value);
    }

    assertThatThrownBy(() -> bind(settings)).hasRootCauseMessage(message);
  }

  @Test
  void objectStorageWithoutItsSettingsIsTold() {
    var settings = new HashMap<>(DIRECTORY);
    settings.put("store", "s3");

    assertThatThrownBy(() -> bind(settings))
        .hasRootCauseMessage("ota.files.store: s3 (expected: directory, or ota.files.s3.bucket as well)");
  }

  private static S3Properties s3(Map<String, String> settings) {
    return Objects.requireNonNull(bind(settings).s3());
  }

  private static FilesProperties bind(Map<String, String> settings) {
    var properties = new HashMap<String, Object>();
    settings.forEach((name, value) -> properties.put("ota.files." + name, value));
    return new Binder(new MapConfigurationPropertySource(properties)).bind("ota.files", FilesProperties.class).get();
  }
}
