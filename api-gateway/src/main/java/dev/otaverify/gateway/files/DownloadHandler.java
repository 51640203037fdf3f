// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.kit.DownloadLinks;
import java.time.Clock;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRange;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Serves files to devices: whole or from where a broken download ended, with a fixed length and never compressed, as
 * small devices need it. Only one range at a time; who asks for several gets the whole file.
 */
final class DownloadHandler {
  private final FileStore store;
  private final DownloadLinks links;
  private final Clock clock;

  DownloadHandler(FileStore store, DownloadLinks links, Clock clock) {
    this.store = store;
    this.links = links;
    this.clock = clock;
  }

  /** A part of a file. */
  private record Part(long start, long length) {}

  Mono<ServerResponse> handle(ServerRequest request) {
    var key = request.pathVariable("key");
    var expiry = request.queryParam("e").orElse("");
    var signature = request.queryParam("s").orElse("");
    if (!links.isValid(key, expiry, signature, clock.instant())) {
      return ServerResponse.status(HttpStatus.FORBIDDEN).build();
    }
    return Mono.fromCallable(() -> store.find(key)).subscribeOn(Schedulers.boundedElastic())
        .flatMap(Mono::justOrEmpty)
        .flatMap(file -> request.checkNotModified(etag(file)).switchIfEmpty(Mono.defer(() -> serve(request, file))))
        .switchIfEmpty(Mono.defer(() -> ServerResponse.notFound().build()));
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
    if (response instanceof ZeroCopyHttpOutputMessage direct) {
      return direct.writeWith(store.content(file), part.start(), part.length());
    }
    return Mono.error(new IllegalStateException(
        response.getClass().getName() + ": copies (expected: a response that sends files, as Reactor Netty's does)"));
  }

  /** The ranges asked for; none if none apply. */
  private static List<HttpRange> ranges(ServerRequest request, StoredFile file) {
    var headers = request.headers().asHttpHeaders();
    var condition = headers.getFirst(HttpHeaders.IF_RANGE);
    if (condition != null && !condition.equals(etag(file))) {
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
