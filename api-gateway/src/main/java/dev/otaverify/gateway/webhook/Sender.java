// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.gateway.account.Vault;
import dev.otaverify.gateway.operation.WebhookId;
import dev.otaverify.gateway.webhook.Lines.Head;
import dev.otaverify.gateway.webhook.Lines.Line;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Sends what waits: claims lines that are due, on a thread of its own, and sends each line's events one after the other, lines beside
 * each other. An event is sent by whoever has its line; whoever loses it (a crash, a stall) may have sent one that is sent again.
 */
final class Sender implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
  /** So many events of a line at a time, so that the others get their turn. */
  private static final int TURN = 100;
  private static final Retry RECORDING = Retry.backoff(3, Duration.ofMillis(100));

  private final Lines lines;
  private final Endpoints endpoints;
  private final Vault vault;
  private final WebhookProperties properties;
  private final RetryPolicy retries;
  private final WebhookMetrics metrics;
  private final BlockingQueue<Boolean> wakes = new ArrayBlockingQueue<>(1);
  private final Map<WebhookId, Integer> busy = new ConcurrentHashMap<>();
  private volatile boolean running;
  private @Nullable Thread thread;

  Sender(Lines lines, Endpoints endpoints, Vault vault, WebhookProperties properties, WebhookMetrics metrics) {
    this.lines = lines;
    this.endpoints = endpoints;
    this.vault = vault;
    this.properties = properties;
    this.retries = new RetryPolicy(properties.firstRetry(), properties.longestRetry());
    this.metrics = metrics;
  }

  /** A line while this sender has it. */
  private static final class Visit {
    final Line line;
    long heldSince;
    int sent;

    Visit(Line line, long heldSince) {
      this.line = line;
      this.heldSince = heldSince;
    }
  }

  /** Something may be due. */
  void wake() {
    var unused = wakes.offer(true);
  }

  @Override
  public synchronized void start() {
    running = true;
    thread = Thread.ofPlatform().daemon().name("webhook-sender").start(this::run);
  }

  /** Lets the attempts under way end, and their lines go. */
  @Override
  public synchronized void stop() {
    running = false;
    wake();
    try {
      if (thread != null) {
        thread.join(properties.timeout());
      }
      long end = System.nanoTime() + properties.timeout().plusSeconds(2).toNanos();
      synchronized (busy) {
        while (!busy.isEmpty() && System.nanoTime() < end) {
          busy.wait(100);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    boolean answered = true;
    while (running) {
      try {
        var unused = wakes.poll(properties.pollInterval().toMillis(), TimeUnit.MILLISECONDS);
        begin();
        answered = true;
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (answered) {
          LOG.atWarn().log("Webhooks are not sent while the database does not answer: {}", e.toString());
        }
        answered = false;
      }
    }
  }

  private void begin() {
    int free = properties.concurrency() - busy.values().stream().mapToInt(Integer::intValue).sum();
    if (free <= 0) {
      return;
    }
    long now = System.nanoTime();
    var claimed = lines
        .claim(UUID.randomUUID().toString(), Map.copyOf(busy), properties.concurrencyPerWebhook(), free)
        .block(properties.timeout());
    if (claimed != null) {
      claimed.forEach(line -> begin(new Visit(line, now)));
    }
  }

  private void begin(Visit visit) {
    var webhook = visit.line.webhookId();
    busy.merge(webhook, 1, Integer::sum);
    var unused = Mono.defer(() -> step(visit)).expand(more -> more ? Mono.defer(() -> step(visit)) : Mono.empty())
        .then().onErrorResume(failure -> {
          LOG.atWarn().addKeyValue("webhookId", webhook).addKeyValue("firmwareId", visit.line.firmwareId())
              .log("Webhook line is left until its lease ends: {}", failure.toString());
          return Mono.empty();
        }).doFinally(signal -> {
          synchronized (busy) {
            busy.computeIfPresent(webhook, (id, count) -> count == 1 ? null : count - 1);
            busy.notifyAll();
          }
          wake();
        }).subscribe();
  }

  /** Sends the head of the line; says whether to go on with the next. */
  private Mono<Boolean> step(Visit visit) {
    if (!running || visit.sent >= TURN) {
      return lines.release(visit.line).thenReturn(false);
    }
    return lines.head(visit.line).flatMap(head -> {
      var delivery = head.delivery();
      if (!head.open()) {
        return lines.release(visit.line).thenReturn(false);
      }
      if (delivery == null) {
        // If not, something has come to wait meanwhile.
        return lines.finish(visit.line, head.version()).map(finished -> !finished);
      }
      if (System.nanoTime() - visit.heldSince > properties.lease().minus(properties.timeout()).toNanos()) {
        // Its lease could end while it is being sent.
        return Mono.just(false);
      }
      visit.sent++;
      return endpoints.post(head.url(), delivery.eventId(), delivery.body(), secrets(visit.line, head))
          .flatMap(attempt -> record(visit, head, delivery, attempt));
    }).defaultIfEmpty(false);
  }

  private List<String> secrets(Line line, Head head) {
    return head.sealedSecrets().stream().map(sealed -> WebhookStore.open(vault, line.webhookId(), sealed)).toList();
  }

  private Mono<Boolean> record(Visit visit, Head head, Head.Delivery delivery, Attempt attempt) {
    metrics.attempted(attempt);
    long now = System.nanoTime();
    if (attempt.isDelivered()) {
      return lines.delivered(visit.line, delivery.eventId(), attempt).retryWhen(RECORDING)
          .doOnNext(held -> visit.heldSince = now);
    }
    var pause = retries.pause(head.failures() + 1, attempt.retryAfter(), ThreadLocalRandom.current().nextDouble());
    return lines.failed(visit.line, delivery.eventId(), attempt, head.url(), pause).retryWhen(RECORDING)
        .doOnNext(reason -> LOG.atWarn().addKeyValue("webhookId", visit.line.webhookId()).addKeyValue("reason", reason)
            .addKeyValue("endpoint", TargetUrl.masked(head.url())).log("Webhook disabled"))
        .thenReturn(false);
  }
}
