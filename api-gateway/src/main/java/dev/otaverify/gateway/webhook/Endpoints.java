// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** Posts signed events to endpoints. Follows no redirect, and of an answer only the status counts. */
final class Endpoints implements AutoCloseable {
  // What is read of an answer so that its connection can be used again.
  private static final int MAX_ANSWER = 64 * 1024;
  private static final Duration ANSWER_END = Duration.ofSeconds(1);
  // Below what servers keep idle connections for.
  private static final Duration IDLE = Duration.ofSeconds(20);
  private static final int LONGEST_ERROR = 200;

  private final ConnectionProvider connections;
  private final ExecutorService lookups;
  private final HttpClient client;
  private final Duration timeout;
  private final Clock clock;

  Endpoints(WebhookProperties properties, Clock clock) {
    this.timeout = properties.timeout();
    this.clock = clock;
    this.lookups = new ThreadPoolExecutor(0, properties.concurrency(), 30, TimeUnit.SECONDS, new SynchronousQueue<>(),
        Thread.ofPlatform().daemon().name("webhook-lookup-", 0).factory());
    this.connections = ConnectionProvider.builder("webhooks").maxConnections(properties.concurrency())
        .maxIdleTime(IDLE).build();
    this.client = HttpClient.create(connections)
        .resolver(new AllowedAddresses(properties.addresses(), lookups))
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) properties.connectTimeout().toMillis())
        .followRedirect(false);
  }

  private record Answer(int status, @Nullable String retryAfter) {}

  /**
   * Sends an event once. Never an error: what fails is an {@link Attempt} that failed.
   *
   * @param secrets to sign with, the newest first
   */
  Mono<Attempt> post(String url, String eventId, String body, List<String> secrets) {
    return Mono.defer(() -> {
      var begun = System.nanoTime();
      var bytes = body.getBytes(StandardCharsets.UTF_8);
      long timestamp = clock.instant().getEpochSecond();
      var signatures = secrets.stream().map(secret -> StandardWebhooks.sign(secret, eventId, timestamp, bytes))
          .collect(Collectors.joining(" "));
      return client
          .headers(headers -> headers.set("content-type", EventBody.CONTENT_TYPE).set("content-length", bytes.length)
              .set("user-agent", "otaverify-webhooks").set(StandardWebhooks.ID, eventId)
              .set(StandardWebhooks.TIMESTAMP, timestamp).set(StandardWebhooks.SIGNATURE, signatures))
          .post().uri(url).send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(bytes)))
          .response((response, content) -> content.map(ByteBuf::readableBytes).scan(Integer::sum)
              .takeUntil(read -> read > MAX_ANSWER).take(ANSWER_END).onErrorComplete()
              .then(Mono.just(new Answer(response.status().code(), response.responseHeaders().get("retry-after")))))
          .next().timeout(timeout).map(answer -> attempt(answer, took(begun)))
          .switchIfEmpty(Mono.fromSupplier(() -> failed("no answer", took(begun))))
          .onErrorResume(failure -> Mono.just(failed(reason(failure), took(begun))));
    });
  }

  private Attempt attempt(Answer answer, Duration took) {
    boolean delivered = answer.status() >= 200 && answer.status() < 300;
    boolean asks = answer.status() == 429 || answer.status() == 503;
    return new Attempt(answer.status(), delivered ? null : "HTTP " + answer.status(), took,
        asks ? RetryPolicy.retryAfter(answer.retryAfter(), clock.instant()) : Duration.ZERO);
  }

  private static Attempt failed(String reason, Duration took) {
    return new Attempt(null, reason, took, Duration.ZERO);
  }

  private String reason(Throwable failure) {
    var cause = NestedExceptionUtils.getMostSpecificCause(failure);
    var text = switch (cause) {
      case TimeoutException late -> "no answer within " + timeout.toMillis() + " ms";
      case AllowedAddresses.RefusedAddressException refused -> String.valueOf(refused.getMessage());
      case UnknownHostException unknown -> "host not found: " + unknown.getMessage();
      default -> cause.getClass().getSimpleName() + ": " + cause.getMessage();
    };
    return text.length() <= LONGEST_ERROR ? text : text.substring(0, LONGEST_ERROR);
  }

  private static Duration took(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  @Override
  public void close() {
    connections.dispose();
    lookups.shutdownNow();
  }
}
