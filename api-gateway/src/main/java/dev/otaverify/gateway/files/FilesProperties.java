// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.kit.BaseUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where firmware files are, and how they come and go.
 *
 * @param store whether they are kept in the directory or in object storage
 * @param directory where they are kept, which all gateways must see; with object storage where they are while they come in,
 *     which each gateway may have for itself. Made if it is not there
 * @param s3 the object storage; given exactly when they are kept there
 * @param baseUrl {@link BaseUrl} of this gateway, as clients reach it
 * @param signingKey signs upload forms and download links, 16 characters or more; the dispatcher has the same
 * @param maxSize of one file
 * @param formValidity how long an upload may begin after its form was given out
 * @param orphanAge how old a file must be to be removed when no firmware has it
 * @param orphanGrace how long before its removal no firmware may be created of it any more
 * @param cleanUpInterval how often it is looked for such files
 */
@ConfigurationProperties("ota.files")
record FilesProperties(@DefaultValue("directory") Store store, Path directory, @Nullable S3Properties s3,
    @DefaultValue("http://127.0.0.1:8080") String baseUrl, String signingKey,
    @DefaultValue("1000MB") DataSize maxSize, @DefaultValue("5m") Duration formValidity,
    @DefaultValue("24h") Duration orphanAge, @DefaultValue("1h") Duration orphanGrace,
    @DefaultValue("10m") Duration cleanUpInterval) {
  // What the vendor gives a client between upload and CreateOTAFirmware.
  private static final Duration LEAST_AGE = Duration.ofHours(1);
  // Far beyond what a command may wait to be decided, and what the clocks of gateways may differ.
  private static final Duration LEAST_GRACE = Duration.ofMinutes(10);

  /** What files are kept in. */
  enum Store {
    DIRECTORY, S3
  }

  /** @throws IllegalArgumentException if a value is out of its bounds; the message does not show the key */
  FilesProperties {
    check((store == Store.S3) == (s3 != null), "store", store.name().toLowerCase(Locale.ROOT),
        s3 == null ? "directory, or ota.files.s3.bucket as well" : "s3, since there is ota.files.s3");
    check(directory != null, "directory", directory, "a directory; with s3 for files that are coming in");
    check(signingKey.length() >= 16, "signing-key", signingKey.length() + " characters", "16 or more");
    BaseUrl.parse("ota.files.base-url", baseUrl);
    check(maxSize.toBytes() > 0, "max-size", maxSize, "more than 0");
    check(store != Store.S3 || maxSize.toBytes() <= S3Store.MAX_SIZE, "max-size", maxSize,
        S3Store.MAX_SIZE + "B or less, the largest object that is put at once");
    check(formValidity.isPositive(), "form-validity", formValidity, "more than 0");
    check(orphanAge.compareTo(LEAST_AGE.plus(formValidity)) >= 0, "orphan-age", orphanAge,
        LEAST_AGE.plus(formValidity) + " or more");
    check(orphanGrace.compareTo(LEAST_GRACE) >= 0, "orphan-grace", orphanGrace, LEAST_GRACE + " or more");
    check(cleanUpInterval.toMillis() > 0, "clean-up-interval", cleanUpInterval, "1ms or more");
  }

  /** The parts of {@link #baseUrl}. */
  BaseUrl base() {
    return BaseUrl.parse("ota.files.base-url", baseUrl);
  }

  @Override
  public String toString() {
    return "FilesProperties[store=" + store + ", directory=" + directory + ", s3=" + s3 + ", baseUrl=" + baseUrl
        + ", maxSize=" + maxSize
        + ", formValidity=" + formValidity + "]";
  }

  private static void check(boolean holds, String name, @Nullable Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("ota.files." + name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
