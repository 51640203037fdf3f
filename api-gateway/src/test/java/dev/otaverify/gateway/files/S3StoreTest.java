// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.gateway.ObjectStorage;
import dev.otaverify.gateway.files.FileStore.Part;
import dev.otaverify.gateway.files.FileStore.StoreUnavailableException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import reactor.core.publisher.Sinks;

/** How a download paces its reading, on a real server of the S3 protocol. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3StoreTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59Z");
  private static final byte[] CONTENT = new byte[4 * S3Store.PIECE + 1];
  private static final UploadPolicy POLICY = new UploadPolicy(AT, "0123456789abcdefghijkl.bin", CONTENT.length,
      new AccountId("acme"));

  private final ObjectStorage storage;
  private final LinkedBlockingQueue<DataBuffer> taken = new LinkedBlockingQueue<>();
  private final S3Store store;
  private final StoredFile file;

  S3StoreTest(@TempDir Path directory) throws Exception {
    storage = new ObjectStorage();
    new Random(1).nextBytes(CONTENT);
    store = store(storage, Duration.ofSeconds(20));
    file = keep(directory);
  }

  @BeforeEach
  void forget() {
    storage.reads.set(0);
    taken.clear();
  }

  @AfterAll
  void stop() throws Exception {
    store.close();
    storage.stop();
  }

  @Test
  void aPieceIsReadOnlyWhenTheLastButOneHasGoneOut() throws Exception {
    var response = responseThatTakesAll();

    var download = store.send(file, new Part(0, file.size()), response).toFuture();
    var first = taken.take();
    var second = taken.take();
    // Had another piece been asked for, it would be there by the time that this is.
    assertThat(store.find(POLICY.key()).block()).isEqualTo(file);

    assertThat(taken).isEmpty();
    assertThat(storage.reads).hasValue(2 + 1);
    var read = new ByteArrayOutputStream();
    take(first, read);
    var third = taken.take();
    assertThat(taken).isEmpty();
    take(second, read);
    var fourth = taken.take();
    take(third, read);
    var fifth = taken.take();
    take(fourth, read);
    take(fifth, read);
    download.get();
    assertThat(read.toByteArray()).isEqualTo(CONTENT);
  }

  @Test
  void oneDownloadTooManyIsRefusedBeforeAnythingIsSentAndAnotherMayComeWhenOneEnds() throws Exception {
    var end = Sinks.<Void>empty();
    var busy = new MockServerHttpResponse();
    busy.setWriteHandler(body -> body.doOnNext(taken::add).then(end.asMono()));
    var download = store.send(file, new Part(0, 1), busy).toFuture();
    taken.take();
    var refused = new MockServerHttpResponse();

    assertThatThrownBy(() -> store.send(file, new Part(0, 1), refused).block())
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessage("downloads: more than 1 (expected: ota.files.s3.max-downloads or fewer)");
    assertThat(refused.isCommitted()).isFalse();

    end.tryEmitEmpty();
    download.get();
    store.send(file, new Part(0, 1), responseThatTakesAll()).block(Duration.ofSeconds(30));
  }

  @Test
  void aContentThatIsGoneIsToldBeforeAnythingIsSent() {
    var gone = new StoredFile(file.key(), file.account(), "gone", file.size(), file.md5(), file.sha256(), AT);
    var response = new MockServerHttpResponse();

    assertThatThrownBy(() -> store.send(gone, new Part(0, 1), response).block())
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(response.isCommitted()).isFalse();
  }

  @Test
  void storageThatIsAwayIsNoneAndNoErrorAtTheStart() throws Exception {
    var away = new ObjectStorage();
    var unreachable = store(away, Duration.ofSeconds(2));
    away.stop();
    try {
      unreachable.check();

      assertThatThrownBy(() -> unreachable.find(POLICY.key()).block()).isInstanceOf(StoreUnavailableException.class);
    } finally {
      unreachable.close();
    }
  }

  private MockServerHttpResponse responseThatTakesAll() {
    var response = new MockServerHttpResponse();
    response.setWriteHandler(body -> body.doOnNext(taken::add).then());
    return response;
  }

  private static void take(DataBuffer buffer, ByteArrayOutputStream read) {
    var bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    read.writeBytes(bytes);
    DataBufferUtils.release(buffer);
  }

  private StoredFile keep(Path directory) throws Exception {
    try (var incoming = new Spool(directory).begin(POLICY)) {
      incoming.write(ByteBuffer.wrap(CONTENT));
      return Objects.requireNonNull(store.keep(POLICY, incoming.finish()).block());
    }
  }

  private static S3Store store(ObjectStorage storage, Duration timeout) {
    return new S3Store(new S3Properties(ObjectStorage.BUCKET, storage.uri(), "us-east-1", true,
        ObjectStorage.ACCESS_KEY, ObjectStorage.SECRET, null, "", 4, 1, timeout),
        Clock.fixed(AT, ZoneOffset.UTC));
  }
}
