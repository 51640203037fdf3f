// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.gateway.operation.WebhookId;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import reactor.core.publisher.Mono;

/**
 * The lines in the database: what waits for one webhook of one firmware, in its order. A sender that has claimed a line is the only
 * one to send of it, until it lets go or its lease ends.
 *
 * <pre>
 *             claim                      head: nothing waits
 *   due ────────────────▶ claimed ──────────────────────────▶ (none)
 *    ▲ ▲                   │  │ ▲
 *    │ └─── released ──────┘  │ └── delivered: the lease begins anew
 *    └── pause is over ── failed, or the lease ended
 * </pre>
 */
final class Lines {
  private static final String CLAIM = """
                                      with open as (
                                        select w.id, $3 - coalesce(b.lines, 0) as free
                                        from webhook w left join unnest($1::text[], $2::int[]) as b(id, lines) on b.id = w.id
                                        where w.enabled and w.deleted_at is null and coalesce(b.lines, 0) < $3),
                                      due as (
                                        select l.webhook_id, l.firmware_id from open cross join lateral (
                                          select webhook_id, firmware_id, due_at from webhook_line
                                          where webhook_id = open.id and due_at <= now()
                                          order by due_at limit open.free for update skip locked) l
                                        order by l.due_at limit $4)
                                      update webhook_line l set claim = $5, due_at = now() + make_interval(secs => $6) from due
                                      where l.webhook_id = due.webhook_id and l.firmware_id = due.firmware_id
                                      returning l.webhook_id, l.firmware_id""";
  private static final String HEAD = """
                                     select l.version, l.failures, w.url, w.enabled and w.deleted_at is null as open,
                                       w.sealed_secret, case when w.former_until > now() then w.former_secret end as former_secret,
                                       d.event_id, d.body
                                     from webhook_line l join webhook w on w.id = l.webhook_id left join lateral (
                                       select event_id, body from webhook_delivery
                                       where webhook_id = l.webhook_id and firmware_id = l.firmware_id and delivered_at is null
                                       order by position limit 1) d on true""";
  private static final String OF_LINE = " where l.webhook_id = $1 and l.firmware_id = $2 and l.claim = $3";
  private static final String DELIVERED = """
                                          with line as (
                                            update webhook_line l set due_at = now() + make_interval(secs => $7), failures = 0
                                            where l.webhook_id = $1 and l.firmware_id = $2 and l.claim = $3 returning webhook_id),
                                          delivery as (
                                            update webhook_delivery d set delivered_at = now(), attempts = attempts + 1,
                                              attempted_at = now(), status = $5, error = null, duration_ms = $6
                                            from line where d.webhook_id = line.webhook_id and d.event_id = $4),
                                          hook as (
                                            update webhook w set failing_since = null from line
                                            where w.id = line.webhook_id and w.failing_since is not null)
                                          select count(*) from line""";
  private static final String FAILED = """
                                       with line as (
                                         update webhook_line l set due_at = now() + make_interval(secs => $8), claim = null,
                                           failures = failures + 1
                                         where l.webhook_id = $1 and l.firmware_id = $2 and l.claim = $3 returning webhook_id),
                                       delivery as (
                                         update webhook_delivery d set attempts = attempts + 1, attempted_at = now(), status = $5,
                                           error = $7, duration_ms = $6
                                         from line where d.webhook_id = line.webhook_id and d.event_id = $4)
                                       update webhook w set failing_since = coalesce(w.failing_since, now()),
                                         enabled = case when $10 then false
                                           else coalesce(w.failing_since, now()) > now() - make_interval(secs => $11) end,
                                         disabled_reason = case when $10 then 'GONE'
                                           when coalesce(w.failing_since, now()) <= now() - make_interval(secs => $11)
                                           then 'FAILING' end,
                                         modified_at = case when $10 or coalesce(w.failing_since, now())
                                           <= now() - make_interval(secs => $11) then now() else w.modified_at end
                                       from line where w.id = line.webhook_id and w.enabled and w.url = $9
                                       returning w.disabled_reason""";

  private final DatabaseClient database;
  private final Duration lease;
  private final Duration disableAfter;

  /**
   * @param lease how long a claim holds
   * @param disableAfter how long a webhook may have nothing but failures
   */
  Lines(DatabaseClient database, Duration lease, Duration disableAfter) {
    this.database = database;
    this.lease = lease;
    this.disableAfter = disableAfter;
  }

  /**
   * A claimed line.
   *
   * @param claim of the sender, which no other has
   */
  record Line(WebhookId webhookId, String firmwareId, String claim) {}

  /**
   * The first of a line, and what is needed to send it.
   *
   * @param version of the line
   * @param failures one after the other until now
   * @param open whether the webhook is enabled
   * @param sealedSecrets to sign with, the newest first
   */
  record Head(long version, int failures, boolean open, String url, List<byte[]> sealedSecrets,
      @Nullable Delivery delivery) {
    /** What is to be sent. */
    record Delivery(String eventId, String body) {}
  }

  /**
   * Claims lines that are due, those first that have been for longest.
   *
   * @param busy how many lines of each webhook this sender has already
   * @param each the most that it may have of one
   * @param total the most that it may claim now
   */
  Mono<List<Line>> claim(String claim, Map<WebhookId, Integer> busy, int each, int total) {
    var ids = List.copyOf(busy.keySet());
    return database.sql(CLAIM).bind(0, ids.stream().map(WebhookId::value).toArray(String[]::new))
        .bind(1, ids.stream().map(id -> busy.getOrDefault(id, 0)).toArray(Integer[]::new)).bind(2, each).bind(3, total)
        .bind(4, claim).bind(5, WebhookStore.seconds(lease))
        .map(row -> new Line(new WebhookId(value(row, "webhook_id", String.class)),
            value(row, "firmware_id", String.class), claim))
        .all().collectList();
  }

  /** The head of a line; empty if it is claimed no more. */
  Mono<Head> head(Line line) {
    return ofLine(HEAD + OF_LINE, line).map(row -> {
      var event = row.get("event_id", String.class);
      return new Head(value(row, "version", Long.class), value(row, "failures", Integer.class),
          value(row, "open", Boolean.class), Objects.requireNonNullElse(row.get("url", String.class), ""),
          Stream.of("sealed_secret", "former_secret").map(column -> row.get(column, byte[].class))
              .filter(Objects::nonNull).toList(),
          event == null ? null : new Head.Delivery(event, value(row, "body", String.class)));
    }).one();
  }

  /** Removes a line that nothing waits in; says whether that holds, and it is not claimed by another. */
  Mono<Boolean> finish(Line line, long version) {
    return ofLine("delete from webhook_line l" + OF_LINE + " and l.version = $4", line).bind(3, version).fetch()
        .rowsUpdated().map(rows -> rows > 0);
  }

  /** Lets go of a line: it is due. */
  Mono<Void> release(Line line) {
    return ofLine("update webhook_line l set claim = null, due_at = now()" + OF_LINE, line).then();
  }

  /** Records a success; says whether the line is still claimed. */
  Mono<Boolean> delivered(Line line, String eventId, Attempt attempt) {
    return ofLine(DELIVERED, line).bind(3, eventId).bind(4, Objects.requireNonNull(attempt.status()))
        .bind(5, (int) attempt.took().toMillis()).bind(6, WebhookStore.seconds(lease))
        .map(row -> value(row, "count", Long.class) > 0).one();
  }

  /**
   * Records a failure and lets go of the line.
   *
   * @param url that it was sent to
   * @return why the webhook is disabled now, if it is by this
   */
  Mono<String> failed(Line line, String eventId, Attempt attempt, String url, Duration pause) {
    var statement = ofLine(FAILED, line).bind(3, eventId).bind(5, (int) attempt.took().toMillis())
        .bind(6, Objects.requireNonNull(attempt.error())).bind(7, WebhookStore.seconds(pause)).bind(8, url)
        .bind(9, attempt.isGone()).bind(10, WebhookStore.seconds(disableAfter));
    return (attempt.status() == null ? statement.bindNull(4, Integer.class) : statement.bind(4, attempt.status()))
        .map(row -> Objects.requireNonNullElse(row.get("disabled_reason", String.class), "")).one()
        .filter(reason -> !reason.isEmpty());
  }

  private GenericExecuteSpec ofLine(String sql, Line line) {
    return database.sql(sql).bind(0, line.webhookId().value()).bind(1, line.firmwareId()).bind(2, line.claim());
  }

  private static <T> T value(Readable row, String column, Class<T> type) {
    return Objects.requireNonNull(row.get(column, type), column);
  }
}
