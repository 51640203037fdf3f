// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * A download that goes on where it broke. Nothing is kept but the digest: a device of hundreds in one process has no
 * room for its firmware.
 */
final class Download {
  private static final int ATTEMPTS = 5;
  private static final int BUFFER = 16 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient http;
  private final Upgrade upgrade;
  private final Listener listener;
  private MessageDigest digest;
  private long offset;

  /** Hears of a download. */
  interface Listener {
    /** So much is there. */
    void progressed(long bytes) throws InterruptedException;

    /** It broke, and goes on here. */
    void resumed(long offset);
  }

  Download(HttpClient http, Upgrade upgrade, Listener listener) {
    this.http = http;
    this.upgrade = upgrade;
    this.listener = listener;
    this.digest = newDigest();
  }

  /**
   * Downloads all of it, and blocks.
   *
   * @return the hex digest of what came
   * @throws IOException if it broke too often, or there was not as much as announced
   */
  String run() throws IOException, InterruptedException {
    for (int attempt = 1;; attempt++) {
      try {
        fetch();
        if (offset != upgrade.size()) {
          throw new IOException("size: " + offset + " (expected: " + upgrade.size() + ")");
        }
        return HexFormat.of().formatHex(digest.digest());
      } catch (IOException e) {
        if (attempt == ATTEMPTS || offset > upgrade.size()) {
          throw e;
        }
        Thread.sleep(Duration.ofMillis(100L * attempt));
        listener.resumed(offset);
      }
    }
  }

  private void fetch() throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(upgrade.url()).timeout(TIMEOUT).header("Range", "bytes=" + offset + "-")
        .build();
    var response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (var body = response.body()) {
      switch (response.statusCode()) {
        case 206 -> {
        }
        case 200 -> startAgain();
        default -> throw new IOException("status: " + response.statusCode() + " (expected: 200 or 206)");
      }
      var buffer = new byte[BUFFER];
      for (int read = body.read(buffer); read >= 0 && offset <= upgrade.size(); read = body.read(buffer)) {
        digest.update(buffer, 0, read);
        offset += read;
        listener.progressed(offset);
      }
    }
  }

  private void startAgain() {
    digest = newDigest();
    offset = 0;
  }

  private MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance(upgrade.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(upgrade.digest() + ": missing (expected: an algorithm of every Java platform)",
          e);
    }
  }
}
