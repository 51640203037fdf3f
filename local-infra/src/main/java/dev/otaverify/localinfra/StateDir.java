// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The directory of one server: owned by one process at a time; remembers ports and secrets from one start to the next. */
final class StateDir implements AutoCloseable {

  private final Path dir;
  private final FileChannel channel;

  private StateDir(Path dir, FileChannel channel) {
    this.dir = dir;
    this.channel = channel;
  }

  /** Waits for nothing: the lock of a process that was killed is gone with it. */
  static StateDir open(Path wanted) {
    try {
      Path dir = Files.createDirectories(wanted).toRealPath();
      FileChannel channel = FileChannel.open(dir.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!lock(channel)) {
        channel.close();
        throw new IllegalStateException(
            "dir: " + dir + " is in use (expected: a directory that no running server owns)");
      }
      return new StateDir(dir, channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException ownedInThisJvm) {
      return false;
    }
  }

  Path resolve(String name) {
    return dir.resolve(name);
  }

  /** The wanted port; for 0 the one of the last time while it is free, else any free one. */
  int port(String name, int wanted) {
    Path file = dir.resolve(name);
    int port = wanted != 0 ? wanted : rememberedOrChosen(file);
    if (!FreePorts.isFree(port)) {
      throw new IllegalStateException(name + ": " + port + " is taken (expected: a free port of 127.0.0.1)");
    }
    writeAtomically(file, Integer.toString(port), false);
    return port;
  }

  private static int rememberedOrChosen(Path file) {
    String remembered = read(file);
    if (remembered != null && FreePorts.isFree(Integer.parseInt(remembered))) {
      return Integer.parseInt(remembered);
    }
    return FreePorts.choose();
  }

  /** A random word that is made once; its file can be read by the owner only. */
  Path secret(String name) {
    Path file = dir.resolve(name);
    if (!Files.exists(file)) {
      byte[] random = new byte[16];
      new SecureRandom().nextBytes(random);
      writeAtomically(file, HexFormat.of().formatHex(random), true);
    }
    return file;
  }

  static @Nullable String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file).strip() : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void writeAtomically(Path file, String text, boolean ownerOnly) {
    try {
      Path part = file.resolveSibling(file.getFileName() + ".part");
      Files.deleteIfExists(part);
      var mode = PosixFilePermissions.fromString(ownerOnly ? "rw-------" : "rw-r--r--");
      Files.createFile(part, PosixFilePermissions.asFileAttribute(mode));
      Files.writeString(part, text + "\n");
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
