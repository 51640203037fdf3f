// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.gateway.api.GatewayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;

/** The directory where files are while they come in, measured as they do. Its methods block. */
final class Spool {
  /** What was not written to for so long has nobody who writes to it any more. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private final Path directory;

  /** Makes the directory. */
  Spool(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /**
   * A file that came in completely. It is removed when its {@link Incoming} is closed, if it is still there.
   *
   * @param name unlike that of any other
   * @param md5 32 hex digits, lower case
   * @param sha256 64 hex digits, lower case
   */
  record Received(Path path, String name, long size, String md5, String sha256) {}

  /** Begins to take a file. */
  Incoming begin(UploadPolicy policy) throws IOException {
    return new Incoming(policy);
  }

  /** Throws away what uploads left behind whose gateway died. Other gateways may be taking files here right now. */
  void removeAbandoned(Instant now) throws IOException {
    var before = FileTime.from(now.minus(ABANDONED));
    try (var paths = Files.list(directory)) {
      for (var path : paths.toList()) {
        try {
          if (Files.getLastModifiedTime(path).compareTo(before) < 0) {
            Files.deleteIfExists(path);
          }
        } catch (NoSuchFileException finishedMeanwhile) {
          // as it should be
        }
      }
    }
  }

  /** A file that is coming in. */
  final class Incoming implements AutoCloseable {
    private final UploadPolicy policy;
    private final Path path;
    private final FileChannel channel;
    private final MessageDigest md5 = digest("MD5");
    private final MessageDigest sha256 = digest("SHA-256");
    private long size;

    private Incoming(UploadPolicy policy) throws IOException {
      this.policy = policy;
      this.path = directory.resolve(UUID.randomUUID().toString());
      this.channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** What the form allows. */
    UploadPolicy policy() {
      return policy;
    }

    /**
     * Appends, and measures.
     *
     * @throws GatewayException if that is more than the form allows
     */
    void write(ByteBuffer bytes) throws IOException {
      size += bytes.remaining();
      if (size > policy.maxSize()) {
        throw GatewayException.badRequest("EntityTooLarge",
            "file: more than " + policy.maxSize() + " bytes (expected: that or less)");
      }
      md5.update(bytes.duplicate());
      sha256.update(bytes.duplicate());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    /**
     * Ends it.
     *
     * @throws GatewayException if it is empty
     */
    Received finish() throws IOException {
      if (size == 0) {
        throw GatewayException.badRequest("EntityTooSmall", "file: 0 bytes (expected: 1 or more)");
      }
      channel.close();
      return new Received(path, path.getFileName().toString(), size, HexFormat.of().formatHex(md5.digest()),
          HexFormat.of().formatHex(sha256.digest()));
    }

    /** Throws away what the store has not taken over. */
    @Override
    public void close() throws IOException {
      channel.close();
      Files.deleteIfExists(path);
    }
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(algorithm + ": missing (expected: in every Java)", impossible);
    }
  }
}
