// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.gateway.operation.WebhookId;
import dev.otaverify.gateway.webhook.Lines.Line;
import dev.otaverify.kit.retention.Retention;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.spi.ConnectionFactories;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.r2dbc.core.DatabaseClient;

/** Who gets which line when, and what goes from the log when, with a real database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LinesIT {
  private static final WebhookId HOOK = WebhookId.of(CommandId.of("k", "hook"));
  private static final WebhookId OTHER = WebhookId.of(CommandId.of("k", "other"));
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Attempt TAKEN = new Attempt(200, null, Duration.ofMillis(12), Duration.ZERO);
  private static final Attempt FAILED = new Attempt(500, "HTTP 500", Duration.ofMillis(12), Duration.ZERO);

  private final DatabaseClient database;
  private final Lines lines;

  LinesIT() {
    var fresh = TestInfra.freshDatabase("lines");
    Flyway.configure().dataSource(fresh.jdbcUrl(), fresh.user(), fresh.password()).locations("classpath:db/api-gateway")
        .load().migrate();
    database = DatabaseClient.create(ConnectionFactories.get("r2dbc:postgresql://" + fresh.user() + ":"
        + fresh.password() + "@" + fresh.host() + ":" + fresh.port() + "/" + fresh.database()));
    lines = new Lines(database, LEASE, Duration.ofDays(5));
  }

  @BeforeEach
  void twoWebhooks() {
    for (var table : List.of("webhook", "webhook_line", "webhook_delivery")) {
      run("delete from " + table);
    }
    for (var hook : List.of(HOOK, OTHER)) {
      run("insert into webhook (id, account, url, sealed_secret, from_offsets, changed_by) values ('" + hook
          + "', 'acme', 'http://hook/', '', '{}', '')");
    }
  }

  @Test
  void eachWebhookHasItsShareAndThoseThatAreDueForLongestComeFirst() {
    for (int i = 0; i < 5; i++) {
      waits(HOOK, "a" + i, 1);
      waits(OTHER, "b" + i, 1);
    }
    run("update webhook_line set due_at = now() - interval '1 minute' where firmware_id in ('a3', 'b4')");
    run("update webhook_line set due_at = now() + interval '1 minute' where firmware_id = 'a0'");

    assertThat(claim("one", Map.of(HOOK, 2), 3, 10)).extracting(Line::firmwareId).hasSize(4).contains("a3", "b4")
        .filteredOn(it -> it.startsWith("a")).hasSize(1);
    assertThat(claim("two", Map.of(HOOK, 3), 3, 1)).extracting(Line::webhookId).containsExactly(OTHER);
    run("update webhook set enabled = false, disabled_reason = 'REQUESTED' where id = '" + OTHER + "'");
    assertThat(claim("three", Map.of(), 10, 10)).extracting(Line::firmwareId).hasSize(3).doesNotContain("a0", "a3");
  }

  @Test
  void whoeverHasLostALineRecordsNothing() {
    waits(HOOK, "a", 1);
    var lost = claim("one", Map.of(), 1, 1).getFirst();
    run("update webhook_line set due_at = now()");
    var held = claim("two", Map.of(), 1, 1).getFirst();

    assertThat(lines.head(lost).block()).isNull();
    assertThat(lines.delivered(lost, "a:1", TAKEN).block()).isFalse();
    assertThat(lines.failed(lost, "a:1", FAILED, "http://hook/", Duration.ZERO).block()).isNull();
    assertThat(lines.finish(lost, 1).block()).isFalse();
    lines.release(lost).block();

    assertThat(text("select attempts::text from webhook_delivery")).isEqualTo("0");
    assertThat(text("select claim from webhook_line")).isEqualTo("two");
    assertThat(text("select coalesce(failing_since::text, 'never') from webhook where id = '" + HOOK + "'"))
        .isEqualTo("never");
    assertThat(Objects.requireNonNull(lines.head(held).block()).delivery())
        .isEqualTo(new Lines.Head.Delivery("a:1", "body of 1"));
  }

  @Test
  void aLineIsRemovedOnlyAsItsSenderSawIt() {
    waits(HOOK, "a", 1);
    var line = claim("one", Map.of(), 1, 1).getFirst();
    assertThat(lines.delivered(line, "a:1", TAKEN).block()).isTrue();
    var seen = Objects.requireNonNull(lines.head(line).block());
    assertThat(seen.delivery()).isNull();

    waits(HOOK, "a", 2);

    assertThat(lines.finish(line, seen.version()).block()).isFalse();
    var grown = Objects.requireNonNull(lines.head(line).block());
    assertThat(Objects.requireNonNull(grown.delivery()).eventId()).isEqualTo("a:2");
    assertThat(lines.delivered(line, "a:2", TAKEN).block()).isTrue();
    assertThat(lines.finish(line, grown.version()).block()).isTrue();
    assertThat(text("select count(*)::text from webhook_line")).isEqualTo("0");
  }

  @Test
  void aLineWhoseSenderIsGoneIsDueWhenItsLeaseEnds() {
    waits(HOOK, "a", 1);
    assertThat(claim("one", Map.of(), 1, 1)).hasSize(1);
    assertThat(claim("two", Map.of(), 1, 1)).isEmpty();

    run("update webhook_line set due_at = due_at - interval '" + LEASE.toSeconds() + " seconds'");

    assertThat(claim("two", Map.of(), 1, 1)).hasSize(1);
    assertThat(text("select claim from webhook_line")).isEqualTo("two");
  }

  @Test
  void aFailureWaitsAndAUrlThatWasChangedMeanwhileIsNotBlamedForIt() {
    waits(HOOK, "a", 1);
    var line = claim("one", Map.of(), 1, 1).getFirst();
    var gone = new Attempt(410, "HTTP 410", Duration.ofMillis(12), Duration.ZERO);

    assertThat(lines.failed(line, "a:1", gone, "http://former/", Duration.ofMinutes(1)).block()).isNull();

    assertThat(text("select enabled::text from webhook where id = '" + HOOK + "'")).isEqualTo("true");
    assertThat(claim("two", Map.of(), 1, 1)).isEmpty();
    run("update webhook_line set due_at = now()");
    var again = claim("two", Map.of(), 1, 1).getFirst();
    assertThat(Objects.requireNonNull(lines.head(again).block()).failures()).isEqualTo(1);
    assertThat(lines.failed(again, "a:1", gone, "http://hook/", Duration.ofMinutes(1)).block()).isEqualTo("GONE");
    assertThat(text("select attempts || ' ' || status || ' ' || error from webhook_delivery"))
        .isEqualTo("2 410 HTTP 410");
  }

  @Test
  void theLogKeepsWhatIsYoungAndCountsWhatWasNeverDelivered() {
    for (int i = 1; i <= 3; i++) {
      waits(HOOK, "a", i);
      waits(OTHER, "b", i);
    }
    run("update webhook_delivery set delivered_at = now() - interval '8 days' where event_id = 'a:1'");
    run("update webhook_delivery set delivered_at = now() - interval '6 days' where event_id = 'a:2'");
    run("update webhook_delivery set recorded_at = now() - interval '29 days' where event_id = 'a:3'");
    run("update webhook_delivery set recorded_at = now() - interval '31 days' where event_id in ('b:1', 'b:2')");
    waits(WebhookId.of(CommandId.of("k", "none")), "c", 1);
    run("update webhook set url = null, sealed_secret = null, deleted_at = now() where id <> '" + OTHER
        + "' and id <> '"
        + HOOK + "'");
    var meters = new SimpleMeterRegistry();

    try (var metrics = new WebhookMetrics(meters, database); var retention = retention(metrics)) {
      retention.run().block();
      metrics.look().block();
    }

    assertThat(
        text("select string_agg(event_id, ' ' order by event_id) from webhook_delivery where firmware_id <> 'c'"))
        .isEqualTo("a:2 a:3 b:3");
    assertThat(text("select expired::text from webhook where id = '" + OTHER + "'")).isEqualTo("2");
    assertThat(text("select expired::text from webhook where id = '" + HOOK + "'")).isEqualTo("0");
    assertThat(meters.get("ota.webhook.deliveries").tag("outcome", "expired").counter().count()).isEqualTo(2);
    assertThat(meters.get("ota.webhook.waiting.events").gauge().value()).isEqualTo(2);
    assertThat(Duration.ofSeconds((long) meters.get("ota.webhook.waiting.age").gauge().value())).isBetween(
        Duration.ofDays(29), Duration.ofDays(30));
  }

  @Test
  void whatADeletedWebhookLeavesGoesAndItselfADayLater() {
    waits(HOOK, "a", 1);
    waits(OTHER, "b", 1);
    run("update webhook set url = null, sealed_secret = null, deleted_at = now() - interval '2 seconds' where id = '"
        + HOOK + "'");
    try (var metrics = new WebhookMetrics(new SimpleMeterRegistry(), database); var retention = retention(metrics)) {
      retention.run().block();
      assertThat(text("select string_agg(event_id, ' ') from webhook_delivery")).isEqualTo("b:1");
      assertThat(text("select string_agg(firmware_id, ' ') from webhook_line")).isEqualTo("b");
      assertThat(text("select count(*)::text from webhook")).isEqualTo("2");

      run("update webhook set deleted_at = now() - interval '25 hours' where id = '" + HOOK + "'");
      retention.run().block();
    }

    assertThat(text("select id from webhook")).isEqualTo(OTHER.value());
  }

  private Retention retention(WebhookMetrics metrics) {
    var properties = WebhookPropertiesTest.properties(false);
    return new Retention(database.getConnectionFactory(),
        List.of(KeptDeliveries.delivered(properties), KeptDeliveries.waiting(properties, metrics),
            KeptDeliveries.ofDeleted(), KeptDeliveries.linesOfDeleted(), KeptDeliveries.deleted()),
        Duration.ofHours(1), new SimpleMeterRegistry());
  }

  private List<Line> claim(String claim, Map<WebhookId, Integer> busy, int each, int total) {
    return Objects.requireNonNull(lines.claim(claim, busy, each, total).block());
  }

  /** As a unit writes it. */
  private void waits(WebhookId hook, String firmware, int number) {
    run("insert into webhook_delivery (webhook_id, event_id, firmware_id, position, type, body) values ('" + hook
        + "', '"
        + firmware + ":" + number + "', '" + firmware + "', " + number + ", 't', 'body of " + number + "')");
    run("insert into webhook_line (webhook_id, firmware_id) values ('" + hook + "', '" + firmware
        + "') on conflict (webhook_id, firmware_id) do update set version = webhook_line.version + 1");
  }

  private void run(String sql) {
    database.sql(sql).then().block();
  }

  private String text(String sql) {
    return Objects.requireNonNull(database.sql(sql).map(row -> row.get(0, String.class)).one().block());
  }
}
