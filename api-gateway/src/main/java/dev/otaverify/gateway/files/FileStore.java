// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.contracts.Wire;
import dev.otaverify.gateway.api.GatewayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/**
 * The directory of the files. A file comes in under {@code incoming/}, is moved to {@code files/KEY-RANDOM} when it is
 * complete and on disk, and counts from the moment that {@code files/KEY.json}, which names it, is linked into place. That
 * happens once for a key: what a firmware was made of never changes. Its methods block.
 */
final class FileStore {
  private final Path incoming;
  private final Path files;
  private final Clock clock;

  /** Makes the directories, and throws away what uploads left behind whose gateway died. */
  FileStore(Path directory, Clock clock) throws IOException {
    this.incoming = Files.createDirectories(directory.resolve("incoming"));
    this.files = Files.createDirectories(directory.resolve("files"));
    this.clock = clock;
    // Other gateways may be taking files there right now.
    var abandoned = FileTime.from(clock.instant().minus(Duration.ofDays(1)));
    try (var paths = Files.list(incoming)) {
      for (var path : paths.toList()) {
        if (Files.getLastModifiedTime(path).compareTo(abandoned) < 0) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** The file of this key, if it was uploaded. */
  Optional<StoredFile> find(String key) throws IOException {
    if (!UploadForms.isKey(key)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Wire.JSON.readValue(Files.readAllBytes(description(key)), StoredFile.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Where the content is. */
  Path content(StoredFile file) {
    return files.resolve(file.content());
  }

  /** Begins to take a file. */
  Incoming begin(UploadPolicy policy) throws IOException {
    return new Incoming(policy);
  }

  private Path description(String key) {
    return files.resolve(key + ".json");
  }

  /** A file that is coming in. Closing it before {@link #finish} throws it away. */
  final class Incoming implements AutoCloseable {
    private final UploadPolicy policy;
    private final Path path;
    private final FileChannel channel;
    private final MessageDigest md5 = digest("MD5");
    private final MessageDigest sha256 = digest("SHA-256");
    private long size;

    private Incoming(UploadPolicy policy) throws IOException {
      this.policy = policy;
      this.path = incoming.resolve(UUID.randomUUID().toString());
      this.channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
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
     * Makes it count; when this returns, it is on disk.
     *
     * @throws GatewayException if it is empty, or another file came before under the key
     */
    StoredFile finish() throws IOException {
      if (size == 0) {
        throw GatewayException.badRequest("EntityTooSmall", "file: 0 bytes (expected: 1 or more)");
      }
      channel.force(true);
      channel.close();
      var content = policy.key() + "-" + path.getFileName();
      var file = new StoredFile(policy.key(), policy.account(), content, size, HexFormat.of().formatHex(md5.digest()),
          HexFormat.of().formatHex(sha256.digest()), clock.instant());
      Files.move(path, files.resolve(content), StandardCopyOption.ATOMIC_MOVE);
      var before = publish(file);
      if (before.isEmpty()) {
        return file;
      }
      Files.delete(files.resolve(content));
      if (!before.get().sha256().equals(file.sha256())) {
        throw new GatewayException(409, "FileAlreadyExists", "Another file was uploaded under this key.",
            "Ask for another form with GenerateOTAUploadURL.");
      }
      return before.get();
    }

    /** Links the description into place; answers the one that is there already, if there is. */
    private Optional<StoredFile> publish(StoredFile file) throws IOException {
      var temporary = incoming.resolve(path.getFileName() + ".json");
      try {
        try (var written = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          var json = ByteBuffer.wrap(Wire.JSON.writeValueAsBytes(file));
          while (json.hasRemaining()) {
            written.write(json);
          }
          written.force(true);
        }
        // Unlike a move, a link never replaces what is there.
        Files.createLink(description(file.key()), temporary);
        // The names themselves are on disk only when their directory is.
        try (var directory = FileChannel.open(files, StandardOpenOption.READ)) {
          directory.force(true);
        }
        return Optional.empty();
      } catch (FileAlreadyExistsException e) {
        return find(file.key());
      } finally {
        Files.deleteIfExists(temporary);
      }
    }

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
