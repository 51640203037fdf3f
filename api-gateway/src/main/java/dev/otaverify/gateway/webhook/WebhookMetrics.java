// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Counts what senders do: {@code ota.webhook.deliveries} by outcome, {@code .duration} of attempts; and looks now and then at what
 * waits for webhooks that are enabled: {@code ota.webhook.waiting.events}, and how old the oldest is: {@code .waiting.age}, in seconds.
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

  private static final Duration[] BUCKETS = {Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(2),
      Duration.ofSeconds(10)};
  private static final String EXPIRED = "expired";

  private final Map<String, Counter> deliveries;
  private final Timer attempts;
  private final DatabaseClient database;
  private final Disposable timer;
  private volatile Waiting waiting = new Waiting(0, 0);

  WebhookMetrics(MeterRegistry meters, DatabaseClient database) {
    this.database = database;
    deliveries = Stream.concat(Attempt.OUTCOMES.stream(), Stream.of(EXPIRED))
        .collect(Collectors.toUnmodifiableMap(outcome -> outcome,
            outcome -> Counter.builder("ota.webhook.deliveries").description("Attempts to deliver events to webhooks")
                .tag("outcome", outcome).register(meters)));
    attempts = Timer.builder("ota.webhook.duration").description("Time of an attempt to deliver an event")
        .serviceLevelObjectives(BUCKETS).register(meters);
    Gauge.builder("ota.webhook.waiting.events", () -> waiting.count())
        .description("Events that wait for webhooks that are enabled").register(meters);
    Gauge.builder("ota.webhook.waiting.age", () -> waiting.ageSeconds()).baseUnit("seconds")
        .description("How long the oldest of them has waited").register(meters);
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
    attempts.record(attempt.took());
  }

  void expired(long events) {
    count(EXPIRED, events);
  }

  private void count(String outcome, long by) {
    Objects.requireNonNull(deliveries.get(outcome)).increment((double) by);
  }

  @Override
  public void close() {
    timer.dispose();
  }
}
