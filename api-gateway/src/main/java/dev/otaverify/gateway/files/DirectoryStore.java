// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Keeps files in a directory that all gateways see. What comes in lies beside it, so that it is moved, not copied. The system
 * sends a file to a device without it coming through this process.
 */
final class DirectoryStore implements FileStore {
  private final Path files;
  private final Clock clock;

  /** Makes the directory. */
  DirectoryStore(Path directory, Clock clock) throws IOException {
    this.files = Files.createDirectories(directory.resolve("files"));
    this.clock = clock;
  }

  @Override
  public Mono<StoredFile> find(String key) {
    return blocking(() -> read(key)).flatMap(Mono::justOrEmpty);
  }

  @Override
  public Mono<StoredFile> keep(UploadPolicy policy, Spool.Received received) {
    return blocking(() -> move(policy, received));
  }

  @Override
  public Mono<Void> send(StoredFile file, Part part, ServerHttpResponse response) {
    if (response instanceof ZeroCopyHttpOutputMessage direct) {
      return direct.writeWith(files.resolve(file.content()), part.start(), part.length());
    }
    return Mono.error(new IllegalStateException(
        response.getClass().getName() + ": copies (expected: a response that sends files, as Reactor Netty's does)"));
  }

  @Override
  public Flux<Item> items() {
    return blocking(this::list).flatMapIterable(items -> items);
  }

  @Override
  public Mono<Void> remove(String name) {
    return blocking(() -> Files.deleteIfExists(files.resolve(name))).then();
  }

  private Optional<StoredFile> read(String key) throws IOException {
    try {
      return Optional.of(Wire.JSON.readValue(Files.readAllBytes(files.resolve(FileStore.description(key))),
          StoredFile.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private StoredFile move(UploadPolicy policy, Spool.Received received) throws IOException {
    try (var content = FileChannel.open(received.path(), StandardOpenOption.WRITE)) {
      content.force(true);
    }
    var file = StoredFile.of(policy, received, clock.instant());
    Files.move(received.path(), files.resolve(file.content()), StandardCopyOption.ATOMIC_MOVE);
    var before = publish(file, received.path().resolveSibling(received.name() + ".json"));
    if (before.isPresent()) {
      Files.delete(files.resolve(file.content()));
    }
    return before.orElse(file);
  }

  /** Links the description into place; answers the one that is there already, if there is. */
  private Optional<StoredFile> publish(StoredFile file, Path temporary) throws IOException {
    try {
      try (var written = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        var json = ByteBuffer.wrap(Wire.JSON.writeValueAsBytes(file));
        while (json.hasRemaining()) {
          written.write(json);
        }
        written.force(true);
      }
      // Unlike a move, a link never replaces what is there.
      Files.createLink(files.resolve(FileStore.description(file.key())), temporary);
      // The names themselves are on disk only when their directory is.
      try (var directory = FileChannel.open(files, StandardOpenOption.READ)) {
        directory.force(true);
      }
      return Optional.empty();
    } catch (FileAlreadyExistsException e) {
      return read(file.key());
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private List<Item> list() throws IOException {
    var items = new ArrayList<Item>();
    try (var paths = Files.list(files)) {
      for (var path : paths.toList()) {
        try {
          items.add(new Item(path.getFileName().toString(), Files.getLastModifiedTime(path).toInstant()));
        } catch (NoSuchFileException removedMeanwhile) {
          // then it is not there
        }
      }
    }
    return items;
  }

  private static <T> Mono<T> blocking(Callable<T> work) {
    return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic())
        .onErrorMap(IOException.class, UncheckedIOException::new);
  }
}
