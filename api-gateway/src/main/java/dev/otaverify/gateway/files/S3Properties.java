// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The object storage that files are kept in: Amazon S3, or what speaks its protocol and knows conditional writes.
 *
 * @param bucket that is there already
 * @param endpoint of the storage; null for that of Amazon in the region
 * @param region as requests are signed with
 * @param pathStyle whether the bucket is in the path of a URL instead of in its host, as most storage of one's own needs it
 * @param accessKey null together with the secret: what the environment, a profile or the machine's role gives
 * @param secretKey of the access key; not shown by {@link #toString}
 * @param secretKeyFile a file that holds the secret instead; white space around it is left out
 * @param prefix what the names of all objects begin with; no other installation may have the same
 * @param maxConnections to the storage; what needs another waits
 * @param maxDownloads that may be under way; one more is answered with 503. Each has up to half a megabyte in memory
 * @param timeout of one call, whatever is tried again in it; an upload may take longer, by its size
 */
record S3Properties(String bucket, @Nullable URI endpoint, @DefaultValue("us-east-1") String region,
    boolean pathStyle, @Nullable String accessKey, @Nullable String secretKey, @Nullable Path secretKeyFile,
    @DefaultValue("") String prefix, @DefaultValue("64") int maxConnections, @DefaultValue("256") int maxDownloads,
    @DefaultValue("30s") Duration timeout) {
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9_.-]+/)*");

  /** @throws IllegalArgumentException if a value is out of its bounds; the message does not show the secret */
  S3Properties {
    check(bucket != null && BUCKET.matcher(bucket).matches(), "bucket", bucket,
        "3 to 63 lower case letters, digits, dots or hyphens");
    check(endpoint == null || isEndpoint(endpoint), "endpoint", endpoint, "http:// or https:// and a host");
    check(!region.isBlank(), "region", region, "the name of a region");
    int secrets = (secretKey == null ? 0 : 1) + (secretKeyFile == null ? 0 : 1);
    check(accessKey == null ? secrets == 0 : secrets == 1, "secret-key and secret-key-file", secrets + " given",
        accessKey == null ? "none without access-key" : "one of them, since there is access-key");
    check(PREFIX.matcher(prefix).matches(), "prefix", prefix,
        "empty, or names of letters, digits or _ . - with a / after each");
    check(maxConnections > 0, "max-connections", maxConnections, "1 or more");
    check(maxDownloads > 0, "max-downloads", maxDownloads, "1 or more");
    check(timeout.isPositive(), "timeout", timeout, "more than 0");
  }

  /** The secret of the access key, from wherever it is. */
  String secret() {
    if (secretKey != null) {
      return secretKey;
    }
    if (secretKeyFile == null) {
      throw new IllegalStateException("ota.files.s3.secret-key: none (expected: only asked for with access-key)");
    }
    try {
      return Files.readString(secretKeyFile).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("ota.files.s3.secret-key-file: " + secretKeyFile + " (expected: a file to read)",
          e);
    }
  }

  @Override
  public String toString() {
    return "S3Properties[bucket=" + bucket + ", endpoint=" + endpoint + ", region=" + region + ", pathStyle="
        + pathStyle + ", accessKey=" + accessKey + ", prefix=" + prefix + "]";
  }

  private static boolean isEndpoint(URI uri) {
    return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null
        && uri.getRawUserInfo() == null && uri.getRawQuery() == null;
  }

  private static void check(boolean holds, String name, @Nullable Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("ota.files.s3." + name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
