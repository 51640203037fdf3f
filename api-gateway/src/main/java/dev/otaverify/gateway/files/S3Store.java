// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.contracts.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Keeps files in object storage. What comes in lies in the spool until it is complete, and is then put as one object.
 *
 * <p>A download is read in pieces, each by a request of its own, and the next piece but one only when a piece has gone out to the
 * device. So a slow device holds neither a connection to the storage, which would end it, nor a thread, nor more than two pieces
 * of memory, and a request that fails is tried again without the device noticing.
 */
final class S3Store implements FileStore {
  /** The largest object that can be put at once. */
  static final long MAX_SIZE = 5L * 1024 * 1024 * 1024;
  static final int PIECE = 256 * 1024;
  /** Pieces of one download that are in memory. */
  private static final int PIECES = 2;
  private static final int THREADS = 2;
  private static final Duration AT_START = Duration.ofSeconds(30);
  /** A slower way to the storage than this breaks off an upload. */
  private static final long SLOWEST_BYTES_PER_SECOND = 100_000;
  private static final int CONFLICT_RETRIES = 5;
  private static final Logger LOG = LoggerFactory.getLogger(S3Store.class);
  private static final NettyDataBufferFactory BUFFERS = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);

  private final S3Properties properties;
  private final Clock clock;
  private final S3AsyncClient client;
  private final AtomicInteger downloads = new AtomicInteger();

  S3Store(S3Properties properties, Clock clock) {
    this.properties = properties;
    this.clock = clock;
    var builder = S3AsyncClient.builder().region(Region.of(properties.region()))
        .forcePathStyle(properties.pathStyle())
        .credentialsProvider(properties.accessKey() == null
            ? DefaultCredentialsProvider.builder().build()
            : StaticCredentialsProvider.create(AwsBasicCredentials.create(properties.accessKey(), properties.secret())))
        // Amazon's own checksums are not known to all that speaks its protocol; Content-MD5 is.
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
        .httpClientBuilder(NettyNioAsyncHttpClient.builder().maxConcurrency(properties.maxConnections())
            .connectionAcquisitionTimeout(properties.timeout())
            .eventLoopGroupBuilder(SdkEventLoopGroup.builder().numberOfThreads(THREADS)))
        .overrideConfiguration(override -> override.apiCallTimeout(properties.timeout()));
    if (properties.endpoint() != null) {
      builder.endpointOverride(properties.endpoint());
    }
    this.client = builder.build();
  }

  /**
   * Asks the storage whether it is as it must be. One that cannot be reached now may be there later, so only what it answers counts.
   *
   * @throws IllegalStateException if it refuses, or ignores the condition that keeps a description from being replaced
   */
  void check() {
    var name = ".check-" + UUID.randomUUID();
    try {
      putIfAbsent(name, new byte[]{1}).then(putIfAbsent(name, new byte[]{1}))
          .doOnNext(replaced -> {
            if (replaced) {
              throw new IllegalStateException("ota.files.s3.endpoint: " + properties.endpoint()
                  + " replaces an object in spite of If-None-Match (expected: storage with conditional writes)");
            }
          }).then(remove(name)).block(AT_START);
    } catch (StoreUnavailableException e) {
      if (e.getCause() instanceof S3Exception refused && refused.statusCode() < 500) {
        throw new IllegalStateException("ota.files.s3.bucket: " + properties.bucket() + " answers "
            + refused.statusCode() + " " + refused.awsErrorDetails().errorCode()
            + " (expected: a bucket that the access key may read, write and list)", e);
      }
      LOG.atWarn().addKeyValue("bucket", properties.bucket()).log("The storage of files cannot be reached: {}",
          e.getMessage());
    }
  }

  @Override
  public Mono<StoredFile> find(String key) {
    return call(() -> client.getObject(get -> get.bucket(properties.bucket()).key(name(FileStore.description(key))),
        AsyncResponseTransformer.toBytes()))
        .map(json -> Wire.JSON.readValue(json.asByteArrayUnsafe(), StoredFile.class))
        .onErrorResume(S3Store::isMissing, missing -> Mono.empty());
  }

  @Override
  public Mono<StoredFile> keep(UploadPolicy policy, Spool.Received received) {
    return Mono.defer(() -> {
      var file = StoredFile.of(policy, received, clock.instant());
      var allowed = properties.timeout().plusSeconds(file.size() / SLOWEST_BYTES_PER_SECOND);
      return call(() -> client.putObject(put -> put.bucket(properties.bucket()).key(name(file.content()))
          .contentLength(file.size()).contentMD5(base64(file.md5()))
          .overrideConfiguration(override -> override.apiCallTimeout(allowed)),
          AsyncRequestBody.fromFile(received.path())))
          .then(putIfAbsent(FileStore.description(file.key()), Wire.JSON.writeValueAsBytes(file)))
          .flatMap(first -> first
              ? Mono.just(file)
              // Also when an answer was lost and the request came twice: then the file that is there is this one.
              : find(file.key()).flatMap(before -> before.content().equals(file.content())
                  ? Mono.just(before)
                  : remove(file.content()).thenReturn(before)));
    });
  }

  @Override
  public Mono<Void> send(StoredFile file, Part part, ServerHttpResponse response) {
    // The place is free before the end is told, so that who hears of it may come next.
    return Mono.using(this::place, place -> {
      var written = new ArrayDeque<Mono<Void>>();
      int pieces = Math.toIntExact(Math.ceilDiv(part.length(), PIECE));
      // The first piece is there before the response is committed, so that a failure can still be told.
      return piece(file, part, 0, written)
          .flatMap(first -> response.writeAndFlushWith(Flux.range(1, pieces - 1)
              // Nothing is asked for ahead: the pieces say themselves when they may come.
              .concatMap(number -> piece(file, part, number, written), 0).startWith(first).map(Mono::just)));
    }, place -> downloads.decrementAndGet());
  }

  /** Takes a place among the downloads; answers how many are taken now. */
  private int place() {
    int taken = downloads.incrementAndGet();
    if (taken > properties.maxDownloads()) {
      downloads.decrementAndGet();
      throw new StoreUnavailableException(
          "downloads: more than " + properties.maxDownloads() + " (expected: ota.files.s3.max-downloads or fewer)");
    }
    return taken;
  }

  @Override
  public Flux<Item> items() {
    return Flux.from(client.listObjectsV2Paginator(list -> list.bucket(properties.bucket()).prefix(name("")))
        .contents()).map(object -> new Item(object.key().substring(name("").length()), object.lastModified()))
        .onErrorMap(SdkException.class, S3Store::unavailable).publishOn(Schedulers.parallel());
  }

  @Override
  public Mono<Void> remove(String name) {
    return call(() -> client.deleteObject(delete -> delete.bucket(properties.bucket()).key(name(name)))).then();
  }

  @Override
  public void close() {
    client.close();
  }

  /** Puts an object; says whether there was none of this name. */
  private Mono<Boolean> putIfAbsent(String name, byte[] content) {
    return call(() -> client.putObject(put -> put.bucket(properties.bucket()).key(name(name)).ifNoneMatch("*"),
        AsyncRequestBody.fromBytes(content))).map(put -> true)
        // 409: another one is being put at this moment, and may yet fail.
        .retryWhen(Retry.backoff(CONFLICT_RETRIES, Duration.ofMillis(50)).filter(error -> status(error) == 409)
            .onRetryExhaustedThrow((spec, signal) -> signal.failure()))
        .onErrorResume(error -> status(error) == 412, there -> Mono.just(false));
  }

  /** The piece of this number, once all but the last of those before it have gone out. */
  private Mono<DataBuffer> piece(StoredFile file, Part part, int number, ArrayDeque<Mono<Void>> written) {
    var turn = written.size() < PIECES ? Mono.<Void>empty() : written.remove();
    var gone = Sinks.<Void>empty();
    written.add(gone.asMono());
    long start = part.start() + (long) number * PIECE;
    int length = (int) Math.min(PIECE, part.start() + part.length() - start);
    return turn.then(call(() -> client.getObject(get -> get.bucket(properties.bucket()).key(name(file.content()))
        .range("bytes=" + start + "-" + (start + length - 1)), AsyncResponseTransformer.toBytes())))
        .map(bytes -> {
          var array = bytes.asByteArrayUnsafe();
          if (array.length != length) {
            throw new StoreUnavailableException(
                file.content() + ": " + array.length + " bytes from " + start + " (expected: " + length + ")");
          }
          return BUFFERS.wrap(buffer(array, gone));
        });
  }

  /** A buffer that says when the last who needs it has let go of it: when it is written, or is not to be written any more. */
  private static ByteBuf buffer(byte[] array, Sinks.Empty<Void> gone) {
    return new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, array, array.length) {
      @Override
      protected void deallocate() {
        super.deallocate();
        gone.tryEmitEmpty();
      }
    };
  }

  /** Calls the storage. Its client may read credentials before it first calls, so not on the thread of a connection. */
  private static <T> Mono<T> call(Supplier<CompletableFuture<T>> request) {
    return Mono.fromFuture(request).subscribeOn(Schedulers.boundedElastic()).publishOn(Schedulers.parallel())
        .onErrorMap(CompletionException.class, error -> error.getCause() == null ? error : error.getCause())
        .onErrorMap(SdkException.class, S3Store::unavailable);
  }

  private static StoreUnavailableException unavailable(SdkException cause) {
    return new StoreUnavailableException("Storage: " + cause.getMessage(), cause);
  }

  private static boolean isMissing(Throwable error) {
    return status(error) == 404 && !(error.getCause() instanceof NoSuchBucketException);
  }

  private static int status(Throwable error) {
    return error.getCause() instanceof S3Exception refused ? refused.statusCode() : 0;
  }

  private static String base64(String hex) {
    return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
  }

  private String name(String name) {
    return properties.prefix() + name;
  }
}
