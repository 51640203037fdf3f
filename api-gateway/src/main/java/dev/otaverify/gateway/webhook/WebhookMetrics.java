// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Counts what senders do: {@code ota.webhook.deliveries} by outcome, {@code .duration} of attempts; and looks now and then at what
 * waits for webhooks that are enabled: {@code ota.webhook.waiting}, and how old the oldest is: {@code .waiting.age}, in seconds.
 */
final class WebhookMetrics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookMetrics.class);
  private static final Duration INTERVAL = Duration.ofSeconds(15);
  private static final String WAITING = """
                                        select coalesce(sum(d.waiting), 0)::bigint as waiting,
                                          coalesce(extract(epoch from now() - min(d.since)), 0)::float8 as age
                                        from webhook w cross join lateral (
                                          select count(*) as waiting, min(recorded_at) as since from webhook_delivery
                                          where webhook_id = w.id and delivered_at is null) d
                                        where w.enabled and w.deleted_at is null""";

  private final MeterRegistry meters;
  private final DatabaseClient database;
  private final Disposable timer;
  private volatile Waiting waiting = new Waiting(0, 0);

  WebhookMetrics(MeterRegistry meters, DatabaseClient database) {
    this.meters = meters;
    this.database = database;
    meters.gauge("ota.webhook.waiting", this, it -> it.waiting.count());
    meters.gauge("ota.webhook.waiting.age", this, it -> it.waiting.ageSeconds());
    timer = Flux.interval(INTERVAL).onBackpressureDrop().concatMap(tick -> look().onErrorResume(failure -> {
      LOG.atWarn().log("Waiting events of webhooks were not counted: {}", failure.toString());
      return Mono.empty();
    })).subscribe();
  }

  private record Waiting(long count, double ageSeconds) {}

  Mono<Void> look() {
    return database.sql(WAITING)
        .map(row -> new Waiting(Objects.requireNonNull(row.get("waiting", Long.class)),
            Objects.requireNonNull(row.get("age", Double.class))))
        .one().doOnNext(seen -> waiting = seen).then();
  }

  void attempted(Attempt attempt) {
    count(attempt.outcome(), 1);
    meters.timer("ota.webhook.duration").record(attempt.took());
  }

  void expired(long events) {
    count("expired", events);
  }

  private void count(String outcome, long by) {
    meters.counter("ota.webhook.deliveries", "outcome", outcome).increment((double) by);
  }

  @Override
  public void close() {
    timer.dispose();
  }
}
