// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * A download as a small device makes it: a plain socket, a small window, no more bytes a second than it can take, so that
 * the server has to wait for it.
 */
final class SlowDownload {
  private static final int WINDOW = 64 * 1024;
  private static final int PIECE = 64 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final URI url;
  private final long bytesPerSecond;
  private final AtomicLong received;

  /** @param received counts the bytes of all downloads that share it */
  SlowDownload(URI url, long bytesPerSecond, AtomicLong received) {
    this.url = url;
    this.bytesPerSecond = bytesPerSecond;
    this.received = received;
  }

  /**
   * Downloads all of it, and blocks.
   *
   * @return the CRC32C of what came
   * @throws IOException if the answer is not what was asked for, or breaks off
   */
  long run() throws IOException, InterruptedException {
    try (var socket = new Socket()) {
      socket.setReceiveBufferSize(WINDOW);
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), (int) TIMEOUT.toMillis());
      // As the vendor's SDK in C asks for a whole file.
      socket.getOutputStream().write(("GET " + url.getRawPath() + "?" + url.getRawQuery() + " HTTP/1.1\r\nHost: "
          + url.getAuthority() + "\r\nRange: bytes=0-\r\nConnection: close\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII));
      var in = new BufferedInputStream(socket.getInputStream(), PIECE);
      return content(in, length(in));
    }
  }

  private static long length(InputStream in) throws IOException {
    var status = line(in);
    if (!status.startsWith("HTTP/1.1 206 ")) {
      throw new IOException("status: " + status + " (expected: 206)");
    }
    long length = -1;
    for (var header = line(in); !header.isEmpty(); header = line(in)) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Long.parseLong(header.substring("content-length:".length()).strip());
      }
    }
    if (length < 0) {
      throw new IOException("Content-Length: missing (expected: the size of the file)");
    }
    return length;
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || line.length() > WINDOW) {
        throw new IOException("head: broken off or endless (expected: lines)");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private long content(InputStream in, long length) throws IOException, InterruptedException {
    var crc = new CRC32C();
    var buffer = new byte[PIECE];
    long begun = System.nanoTime();
    long got = 0;
    while (got < length) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, length - got));
      if (read < 0) {
        throw new IOException("content: " + got + " bytes (expected: " + length + ")");
      }
      crc.update(buffer, 0, read);
      got += read;
      received.addAndGet(read);
      long ahead = begun + got * 1_000_000_000L / bytesPerSecond - System.nanoTime();
      if (ahead > 0) {
        Thread.sleep(Duration.ofNanos(ahead));
      }
    }
    return crc.getValue();
  }
}
