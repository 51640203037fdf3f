// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.gateway.files.FileStore.Part;
import dev.otaverify.gateway.files.FileStore.StoreUnavailableException;
import dev.otaverify.kit.DownloadLinks;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRange;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Serves files to devices: whole or from where a broken download ended, with a fixed length and never compressed, as
 * small devices need it. Only one range at a time; who asks for several gets the whole file.
 */
final class DownloadHandler {
  private static final Logger LOG = LoggerFactory.getLogger(DownloadHandler.class);
  /** Seconds, of a client that reads this header. */
  private static final String RETRY_AFTER = "5";

  private final FileStore store;
  private final DownloadLinks links;
  private final Clock clock;

  DownloadHandler(FileStore store, DownloadLinks links, Clock clock) {
    this.store = store;
    this.links = links;
    this.clock = clock;
  }

  Mono<ServerResponse> handle(ServerRequest request) {
    var key = request.pathVariable("key");
    var expiry = request.queryParam("e").orElse("");
    var signature = request.queryParam("s").orElse("");
    if (!links.isValid(key, expiry, signature, clock.instant())) {
      return ServerResponse.status(HttpStatus.FORBIDDEN).build();
    }
    // Nothing else must get near the store, though nothing else is signed.
    return (UploadForms.isKey(key) ? store.find(key) : Mono.<StoredFile>empty())
        .flatMap(file -> request.checkNotModified(file.uploadedAt(), etag(file))
            .switchIfEmpty(Mono.defer(() -> serve(request, file))))
        .switchIfEmpty(Mono.defer(() -> ServerResponse.notFound().build()))
        .onErrorResume(StoreUnavailableException.class, error -> {
          LOG.atWarn().addKeyValue("key", key).log("Download refused: {}", error.getMessage());
          return ServerResponse.status(HttpStatus.SERVICE_UNAVAILABLE).header(HttpHeaders.RETRY_AFTER, RETRY_AFTER)
              .build();
        });
  }

  private Mono<ServerResponse> serve(ServerRequest request, StoredFile file) {
    var whole = new Part(0, file.size());
    var ranges = ranges(request, file);
    if (ranges.size() != 1) {
      return respond(HttpStatus.OK, file, whole);
    }
    var range = ranges.getFirst();
    long start = range.getRangeStart(file.size());
    long end = range.getRangeEnd(file.size());
    if (start >= file.size() || start > end) {
      return ServerResponse.status(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
          .header(HttpHeaders.CONTENT_RANGE, "bytes */" + file.size()).build();
    }
    return respond(HttpStatus.PARTIAL_CONTENT, file, new Part(start, end - start + 1));
  }

  private Mono<ServerResponse> respond(HttpStatus status, StoredFile file, Part part) {
    return ServerResponse.status(status).headers(headers -> {
      headers.setContentType(MediaType.APPLICATION_OCTET_STREAM);
      headers.setContentLength(part.length());
      headers.setETag(etag(file));
      headers.setLastModified(file.uploadedAt());
      // No proxy on the way may compress it either.
      headers.setCacheControl("no-transform");
      headers.set(HttpHeaders.ACCEPT_RANGES, "bytes");
      if (status == HttpStatus.PARTIAL_CONTENT) {
        headers.set(HttpHeaders.CONTENT_RANGE,
            "bytes " + part.start() + "-" + (part.start() + part.length() - 1) + "/" + file.size());
      }
    }).build((exchange, context) -> exchange.getRequest().getMethod().equals(HttpMethod.HEAD)
        ? exchange.getResponse().setComplete()
        : write(exchange.getResponse(), file, part));
  }

  private Mono<Void> write(ServerHttpResponse response, StoredFile file, Part part) {
    return store.send(file, part, response).onErrorResume(StoreUnavailableException.class, error -> {
      LOG.atWarn().addKeyValue("key", file.key()).log("Download refused or broken off: {}", error.getMessage());
      if (response.isCommitted()) {
        // Too late for a status: the connection breaks, and the device goes on from where it is.
        return Mono.error(error);
      }
      response.setStatusCode(HttpStatus.SERVICE_UNAVAILABLE);
      response.getHeaders().clear();
      response.getHeaders().set(HttpHeaders.RETRY_AFTER, RETRY_AFTER);
      return response.setComplete();
    });
  }

  /** The ranges asked for; none if none apply. */
  private static List<HttpRange> ranges(ServerRequest request, StoredFile file) {
    var headers = request.headers().asHttpHeaders();
    var condition = headers.getFirst(HttpHeaders.IF_RANGE);
    // A date is only as good as the whole second that it names; the digest is exact.
    if (condition != null && !condition.equals(etag(file))
        && !condition.equals(DateTimeFormatter.RFC_1123_DATE_TIME.format(file.uploadedAt().atOffset(ZoneOffset.UTC)))) {
      return List.of();
    }
    try {
      return headers.getRange();
    } catch (IllegalArgumentException notUnderstood) {
      // As RFC 9110 has it: what is not understood is not there.
      return List.of();
    }
  }

  private static String etag(StoredFile file) {
    return "\"" + file.sha256() + "\"";
  }
}
