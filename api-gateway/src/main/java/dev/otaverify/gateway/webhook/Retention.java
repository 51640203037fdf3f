// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Removes from the log what is too old, in bounded steps. An event that was never delivered is counted, by webhook and in all. */
final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final int AT_ONCE = 1_000;
  // Longer than a signed request is valid.
  private static final Duration TOMBSTONE = Duration.ofDays(1);
  private static final String DELIVERED = """
                                          delete from webhook_delivery where (webhook_id, event_id) in (
                                            select webhook_id, event_id from webhook_delivery
                                            where delivered_at < now() - make_interval(secs => $1)
                                            order by delivered_at limit $2 for update skip locked)""";
  private static final String EXPIRED = """
                                        with old as (
                                          select d.webhook_id, d.event_id from webhook w cross join lateral (
                                            select webhook_id, event_id from webhook_delivery
                                            where webhook_id = w.id and delivered_at is null
                                              and recorded_at < now() - make_interval(secs => $1)
                                            order by recorded_at limit $2 for update skip locked) d limit $2),
                                        gone as (
                                          delete from webhook_delivery d using old
                                          where d.webhook_id = old.webhook_id and d.event_id = old.event_id
                                          returning d.webhook_id),
                                        counted as (
                                          update webhook w set expired = w.expired + g.events
                                          from (select webhook_id, count(*) as events from gone group by webhook_id) g
                                          where w.id = g.webhook_id)
                                        select count(*) from gone""";
  private static final String OF_DELETED = """
                                           delete from webhook_delivery where (webhook_id, event_id) in (
                                             select d.webhook_id, d.event_id from webhook w
                                             join webhook_delivery d on d.webhook_id = w.id
                                             where w.deleted_at is not null limit $1)""";
  private static final String LINES_OF_DELETED = """
                                                 delete from webhook_line where (webhook_id, firmware_id) in (
                                                   select l.webhook_id, l.firmware_id from webhook w
                                                   join webhook_line l on l.webhook_id = w.id
                                                   where w.deleted_at is not null limit $1)""";

  private final DatabaseClient database;
  private final WebhookProperties properties;
  private final WebhookMetrics metrics;
  private final Disposable timer;

  Retention(DatabaseClient database, WebhookProperties properties, WebhookMetrics metrics) {
    this.database = database;
    this.properties = properties;
    this.metrics = metrics;
    var interval = properties.cleanUpInterval();
    var first = Duration.ofMillis(ThreadLocalRandom.current().nextLong(interval.toMillis()) + 1);
    timer = Flux.interval(first, interval).onBackpressureDrop().concatMap(tick -> run().onErrorResume(failure -> {
      LOG.atWarn().log("Old deliveries of webhooks were not all removed: {}", failure.toString());
      return Mono.empty();
    })).subscribe();
  }

  /** Removes all that is due to go. */
  Mono<Void> run() {
    return all(() -> aged(DELIVERED, properties.deliveredRetention()).fetch().rowsUpdated())
        .then(all(() -> aged(EXPIRED, properties.waitingRetention())
            .map(row -> Objects.requireNonNull(row.get("count", Long.class))).one()))
        .doOnNext(this::expired)
        .then(all(() -> database.sql(OF_DELETED).bind(0, AT_ONCE).fetch().rowsUpdated()))
        .then(all(() -> database.sql(LINES_OF_DELETED).bind(0, AT_ONCE).fetch().rowsUpdated()))
        .then(database.sql("delete from webhook where deleted_at < now() - make_interval(secs => $1)")
            .bind(0, WebhookStore.seconds(TOMBSTONE)).then());
  }

  private void expired(long events) {
    if (events > 0) {
      metrics.expired(events);
      LOG.atWarn().addKeyValue("events", events).log("Events were given up that waited too long for their webhooks");
    }
  }

  private DatabaseClient.GenericExecuteSpec aged(String sql, Duration age) {
    return database.sql(sql).bind(0, WebhookStore.seconds(age)).bind(1, AT_ONCE);
  }

  private static Mono<Long> all(Supplier<Mono<Long>> step) {
    return Mono.defer(step).expand(rows -> rows < AT_ONCE ? Mono.empty() : step.get()).reduce(0L, Long::sum);
  }

  @Override
  public void close() {
    timer.dispose();
  }
}
