// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked once from the jar of this kind of machine. */
final class PostgresBinaries {

  private PostgresBinaries() {}

  /** The directory with {@code bin}, {@code lib} and {@code share}; unpacked into the cache when it is not there. */
  static Path in(Path cache) {
    try {
      byte[] archive = archive();
      Path home = cache.resolve("postgresql-" + digest(archive));
      if (!Files.exists(home)) {
        Files.createDirectories(cache);
        Path part = Files.createTempDirectory(cache, "part-");
        unpack(archive, part);
        publish(part, home);
      }
      return home.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Shared by everything this user runs; not a directory for all users, where another could plant programs. */
  static Path defaultCache() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base = cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    return base.resolve("otaverify");
  }

  private static byte[] archive() throws IOException {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String system = os.contains("linux") ? "Linux" : os.contains("mac") ? "Darwin" : os;
    String arch = System.getProperty("os.arch", "");
    try (InputStream in = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system,
        arch.equals("amd64") ? "x86_64" : arch)) {
      if (in == null) {
        throw new IllegalStateException(
            "system: " + os + " " + arch + " (expected: one with PostgreSQL on the class path)");
      }
      return in.readAllBytes();
    }
  }

  private static String digest(byte[] archive) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(archive);
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void unpack(byte[] archive, Path target) throws IOException {
    try (var tar = new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) {
          throw new IOException("entry: " + entry.getName() + " (expected: a path inside the archive)");
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
          continue;
        }
        Path parent = file.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
          Files.createLink(file, target.resolve(entry.getLinkName()).normalize());
        } else {
          Files.copy(tar, file);
          if (file.startsWith(target.resolve("bin"))) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
          }
        }
      }
    }
  }

  private static void publish(Path part, Path home) throws IOException {
    try {
      Files.move(part, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException somebodyWasFaster) {
      delete(part);
      if (!Files.exists(home)) {
        throw somebodyWasFaster;
      }
    }
  }

  static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
