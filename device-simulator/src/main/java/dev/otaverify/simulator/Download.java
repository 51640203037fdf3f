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
import java.util.concurrent.Semaphore;

/**
 * A download in one or more pieces that goes on where it broke. Nothing is kept but the digest: a device of thousands in
 * one process has no room for its firmware.
 */
final class Download {
  private static final int ATTEMPTS = 5;
  private static final int BUFFER = 16 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** What all devices of a process share: a client each would be threads and connections for each. */
  private static final class Shared {
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(5)).build();
    /** As many at a time as one machine can use; who pauses between two pieces is not one of them. */
    static final Semaphore AT_A_TIME = new Semaphore(64);
  }

  private final Upgrade upgrade;
  private final long pieceSize;
  private final boolean corrupt;
  private final Listener listener;
  private MessageDigest digest;
  private long offset;

  /** Hears of a download. */
  interface Listener {
    /** So many bytes came. */
    void received(int bytes);

    /** A piece is there, and in all this. May take its time: no connection is held meanwhile. */
    void progressed(long bytes) throws IOException, InterruptedException;

    /** It broke, and goes on here. */
    void resumed(long offset);
  }

  /** @param corrupt whether the first byte is to be taken for another */
  Download(Upgrade upgrade, int pieces, boolean corrupt, Listener listener) {
    this.upgrade = upgrade;
    this.pieceSize = Math.max(1, Math.ceilDiv(upgrade.size(), (long) pieces));
    this.corrupt = corrupt;
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
    int broken = 0;
    do {
      long end = Math.min(upgrade.size(), offset + pieceSize);
      try {
        fetch(end);
      } catch (IOException e) {
        if (++broken == ATTEMPTS || offset > upgrade.size()) {
          throw e;
        }
        Thread.sleep(Duration.ofMillis(100L * broken));
        listener.resumed(offset);
        continue;
      }
      listener.progressed(offset);
    } while (offset < upgrade.size());
    return HexFormat.of().formatHex(digest.digest());
  }

  private void fetch(long end) throws IOException, InterruptedException {
    // The last piece is asked for without an end, so that more than was announced is noticed.
    var range = "bytes=" + offset + "-" + (end == upgrade.size() ? "" : end - 1);
    var request = HttpRequest.newBuilder(upgrade.url()).timeout(TIMEOUT).header("Range", range).build();
    Shared.AT_A_TIME.acquire();
    try {
      var response = Shared.HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (var body = response.body()) {
        switch (response.statusCode()) {
          case 206 -> {
          }
          case 200 -> startAgain();
          default -> throw new IOException("status: " + response.statusCode() + " (expected: 200 or 206)");
        }
        var buffer = new byte[BUFFER];
        for (int read = body.read(buffer); read >= 0 && offset <= upgrade.size(); read = body.read(buffer)) {
          take(buffer, read);
        }
      }
    } finally {
      Shared.AT_A_TIME.release();
    }
    if (offset < end || offset > upgrade.size()) {
      throw new IOException("size: " + offset + " (expected: " + end + " of " + upgrade.size() + ")");
    }
  }

  private void take(byte[] buffer, int length) {
    if (corrupt && offset == 0 && length > 0) {
      buffer[0] ^= 1;
    }
    digest.update(buffer, 0, length);
    offset += length;
    listener.received(length);
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
