// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.gateway.ContentTypes;
import dev.otaverify.gateway.api.Answer;
import dev.otaverify.gateway.api.ApiException;
import dev.otaverify.gateway.api.Format;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.files.FileStore.StoreUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.ResolvableType;
import org.springframework.core.codec.DecodingException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.codec.multipart.PartEvent;
import org.springframework.http.codec.multipart.PartEventHttpMessageReader;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.channel.AbortedException;
import reactor.util.context.Context;

/** Takes posted files, piece by piece: a file is never in memory as a whole, and the disk is never waited for on an event loop. */
final class UploadHandler {
  private static final Logger LOG = LoggerFactory.getLogger(UploadHandler.class);
  /** Reactor's name for who hears of errors that come after the end. */
  private static final String ON_ERROR_DROPPED = "reactor.onErrorDropped.local";
  /** Pieces that may wait for the disk. */
  private static final int READ_AHEAD = 16;
  /** Bytes of a field that is not the file; a policy is the longest. */
  private static final int MAX_FIELD = 16 * 1024;

  private final UploadForms forms;
  private final Spool spool;
  private final FileStore store;
  private final PartEventHttpMessageReader parts = reader();

  UploadHandler(UploadForms forms, Spool spool, FileStore store) {
    this.forms = forms;
    this.spool = spool;
    this.store = store;
  }

  Mono<ServerResponse> handle(ServerRequest request) {
    if (!ContentTypes.is(MediaType.MULTIPART_FORM_DATA, request.headers().asHttpHeaders())) {
      return failure(GatewayException.badRequest("MalformedPOSTRequest",
          "Content-Type: no form with a file (expected: multipart/form-data)"));
    }
    return Mono.usingWhen(Mono.fromSupplier(() -> new Upload(forms, spool)),
        upload -> parts
            .read(ResolvableType.forClass(PartEvent.class), onHeap(request.exchange().getRequest()), Map.of())
            .publishOn(Schedulers.boundedElastic(), READ_AHEAD)
            .doOnNext(part -> take(upload, part))
            .then(blocking(upload::finish))
            .flatMap(this::keep),
        upload -> blocking(() -> {
          upload.close();
          return true;
        })).flatMap(status -> ServerResponse.status(status).build()).onErrorResume(UploadHandler::failure)
        // The parser tells of a broken connection twice; the second time there is nobody left to hear it.
        .contextWrite(Context.of(ON_ERROR_DROPPED, (Consumer<Throwable>) error -> LOG.atDebug().setCause(error)
            .log("Upload failed twice")));
  }

  /** The status to answer with, once the file is kept. */
  private Mono<Integer> keep(Upload.Complete upload) {
    return store.keep(upload.policy(), upload.received()).map(file -> {
      if (!file.sha256().equals(upload.received().sha256())) {
        throw new GatewayException(409, "FileAlreadyExists", "Another file was uploaded under this key.",
            "Ask for another form with GenerateOTAUploadURL.");
      }
      return upload.status();
    });
  }

  private static void take(Upload upload, PartEvent part) {
    try {
      upload.take(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> Mono<T> blocking(Callable<T> work) {
    return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic());
  }

  private static Mono<ServerResponse> failure(Throwable error) {
    var requestId = UUID.randomUUID().toString().toUpperCase(Locale.ROOT);
    var failure = switch (error) {
      case ApiException known -> known;
      case DecodingException malformed ->
        GatewayException.badRequest("MalformedPOSTRequest", "body: broken off or no multipart form");
      case DataBufferLimitException tooLong ->
        GatewayException.badRequest("MalformedPOSTRequest", "form field: too long");
      case AbortedException gone -> {
        LOG.atDebug().addKeyValue("requestId", requestId).log("Upload was broken off");
        yield GatewayException.badRequest("RequestTimeout", "body: broken off");
      }
      case StoreUnavailableException away -> {
        LOG.atWarn().addKeyValue("requestId", requestId).log("Upload could not be kept: {}", away.getMessage());
        yield new GatewayException(503, "ServiceUnavailable", "The file could not be stored.", "Send it again.");
      }
      default -> {
        LOG.atError().addKeyValue("requestId", requestId).setCause(error).log("Upload failed");
        yield new GatewayException(500, "InternalError", "The file could not be stored.", "Send it again.");
      }
    };
    var answer = Answer.failure("Upload", requestId, "", failure);
    return ServerResponse.status(answer.status()).header(HttpHeaders.CONTENT_TYPE, Format.XML.contentType())
        .bodyValue(answer.write(Format.XML));
  }

  /**
   * The request with its body in plain arrays, which nobody must release. The parser of forms loses buffers when an upload
   * breaks off or is refused half-way, and pooled ones would be lost for good.
   */
  private static ServerHttpRequest onHeap(ServerHttpRequest request) {
    return new ServerHttpRequestDecorator(request) {
      @Override
      public Flux<DataBuffer> getBody() {
        return super.getBody().map(pooled -> {
          try {
            var bytes = new byte[pooled.readableByteCount()];
            pooled.read(bytes);
            return DefaultDataBufferFactory.sharedInstance.wrap(bytes);
          } finally {
            DataBufferUtils.release(pooled);
          }
        });
      }
    };
  }

  private static PartEventHttpMessageReader reader() {
    var reader = new PartEventHttpMessageReader();
    reader.setMaxInMemorySize(MAX_FIELD);
    reader.setMaxParts(Upload.MAX_FIELDS);
    return reader;
  }
}
