// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.gateway.api.Answer;
import dev.otaverify.gateway.api.ApiException;
import dev.otaverify.gateway.api.Format;
import dev.otaverify.gateway.api.GatewayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.codec.DecodingException;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.codec.multipart.PartEvent;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Takes posted files, piece by piece: a file is never in memory as a whole, and the disk is never waited for on an event loop. */
final class UploadHandler {
  private static final Logger LOG = LoggerFactory.getLogger(UploadHandler.class);
  /** Pieces that may wait for the disk. */
  private static final int READ_AHEAD = 16;

  private final UploadForms forms;
  private final FileStore store;

  UploadHandler(UploadForms forms, FileStore store) {
    this.forms = forms;
    this.store = store;
  }

  Mono<ServerResponse> handle(ServerRequest request) {
    if (request.headers().contentType().filter(MediaType.MULTIPART_FORM_DATA::isCompatibleWith).isEmpty()) {
      return failure(GatewayException.badRequest("MalformedPOSTRequest",
          "Content-Type: no form with a file (expected: multipart/form-data)"));
    }
    return Mono.usingWhen(Mono.fromSupplier(() -> new Upload(forms, store)),
        upload -> request.bodyToFlux(PartEvent.class).map(Piece::new)
            .publishOn(Schedulers.boundedElastic(), READ_AHEAD)
            .doOnNext(piece -> piece.giveTo(upload))
            .doOnDiscard(Piece.class, Piece::release)
            .then(blocking(upload::finish)),
        upload -> blocking(() -> {
          upload.close();
          return true;
        })).flatMap(status -> ServerResponse.status(status).build()).onErrorResume(UploadHandler::failure);
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
   * A part, or a piece of the file. Its buffer is released once, whoever comes first: an operator may discard what it
   * failed on, and a buffer released twice would be one that another connection reads.
   */
  private static final class Piece {
    private final PartEvent part;
    private final AtomicBoolean released = new AtomicBoolean();

    Piece(PartEvent part) {
      this.part = part;
    }

    void giveTo(Upload upload) {
      try {
        upload.take(part);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        release();
      }
    }

    void release() {
      if (released.compareAndSet(false, true)) {
        DataBufferUtils.release(part.content());
      }
    }
  }
}
