// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import dev.otaverify.localstack.AccessKey;
import dev.otaverify.localstack.Part;
import dev.otaverify.localstack.Settings;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** The client of both sides of a comparison: connections are kept, and as many as there are calls at a time. */
final class Http implements AutoCloseable {
  private static final int CONNECTIONS = 1024;

  private final ConnectionProvider connections = ConnectionProvider.builder("bench").maxConnections(CONNECTIONS)
      .pendingAcquireMaxCount(-1).pendingAcquireTimeout(Duration.ofSeconds(60)).build();
  private final HttpClient client = HttpClient.create(connections).responseTimeout(Duration.ofSeconds(30));
  private final AtomicReference<@Nullable String> firstRefusal = new AtomicReference<>();

  /** The body of an answer with status 200; else fails. */
  Mono<String> get(String url) {
    return client.get().uri(url).responseSingle((response, body) -> body.asString(StandardCharsets.UTF_8)
        .defaultIfEmpty("").map(text -> accepted(response.status().code() == 200, text)));
  }

  /** The same of a POST of a form. */
  Mono<String> post(String url, Supplier<String> form) {
    return client.headers(headers -> headers.set(HttpHeaderNames.CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .post().uri(url)
        .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(form.get().getBytes(StandardCharsets.UTF_8))))
        .responseSingle((response, body) -> body.asString(StandardCharsets.UTF_8).defaultIfEmpty("")
            .map(text -> accepted(response.status().code() == 200 && text.contains("\"Success\":true"), text)));
  }

  /** Calls of the API, signed one by one. */
  Function<Call, Mono<String>> api(Settings settings) {
    var key = new AccessKey(settings.accessKeyId(), settings.accessKeySecret());
    var url = settings.url(Part.API_GATEWAY) + "/";
    return call -> post(url, () -> key.signed("POST", call.action(), call.parameters()));
  }

  /** An operation of the API. */
  record Call(String action, Map<String, String> parameters) {}

  private String accepted(boolean yes, String text) {
    if (!yes) {
      firstRefusal.compareAndSet(null, text);
      throw new IllegalStateException("answer: " + text);
    }
    return text;
  }

  /** The first answer that was a refusal, to be shown; null if there was none. */
  @Nullable
  String firstRefusal() {
    return firstRefusal.get();
  }

  @Override
  public void close() {
    connections.dispose();
  }
}
