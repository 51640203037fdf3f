// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.gateway.account.Vault;
import dev.otaverify.gateway.api.ApiException;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.NotFound;
import dev.otaverify.gateway.operation.WebhookId;
import dev.otaverify.gateway.operation.Webhooks;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.connection.R2dbcTransactionManager;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.r2dbc.core.RowsFetchSpec;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Mono;

/**
 * The webhooks in the database. A new one is told of each event that is published after its creation was answered, and of none that
 * was before it was asked for: where that begins is written down for each partition, the end of the log or, if they are further,
 * where the units are, which cannot go on meanwhile.
 */
final class WebhookStore implements Webhooks {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookStore.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String FIND = """
                                     select w.id, w.url, w.event_types, w.description, w.disabled_reason, w.failing_since,
                                       d.waiting, d.since, w.expired, w.created_at, w.modified_at
                                     from webhook w cross join lateral (
                                       select count(*) as waiting, min(recorded_at) as since from webhook_delivery
                                       where webhook_id = w.id and delivered_at is null) d
                                     where w.account = $1 and w.deleted_at is null and ($2::text is null or w.id = $2)
                                     order by w.created_at, w.id""";
  private static final String INSERT = """
                                       insert into webhook (id, account, url, event_types, description, sealed_secret, changed_by,
                                         from_offsets)
                                       select $1, $2, $3, $4, $5, $6, $7, array(
                                         select greatest(e.offs, coalesce(p.position, 0))
                                         from unnest($8::bigint[]) with ordinality as e(offs, number)
                                         left join consumer_position p on p.topic = $9 and p.partition = e.number - 1
                                         order by e.number)
                                       on conflict (id) do nothing""";
  private static final String SELECTED = " from webhook_delivery where webhook_id = $1"
      + " and ($2::text is null or firmware_id = $2) and ($3::boolean is null or (delivered_at is null) = $3)";

  private final DatabaseClient database;
  private final TransactionalOperator transaction;
  private final EndOffsets ends;
  private final Vault vault;
  private final WebhookProperties properties;
  private final AddressPolicy addresses;
  private final Runnable wake;

  /** @param wake tells the sender that something may be due */
  WebhookStore(ConnectionFactory connections, EndOffsets ends, Vault vault, WebhookProperties properties,
      Runnable wake) {
    this.database = DatabaseClient.create(connections);
    this.transaction = TransactionalOperator.create(new R2dbcTransactionManager(connections));
    this.ends = ends;
    this.vault = vault;
    this.properties = properties;
    this.addresses = properties.addresses();
    this.wake = wake;
  }

  @Override
  public Mono<Created> create(Settings settings, Caller caller) {
    var id = WebhookId.of(caller.command());
    return Mono.fromSupplier(() -> TargetUrl.check(Objects.requireNonNull(settings.url()), addresses))
        .flatMap(url -> change(exists(id, caller).flatMap(exists -> exists
            ? Mono.<Void>empty()
            : ends.now().onErrorMap(failure -> unavailable("Kafka", failure))
                .flatMap(offsets -> transaction.transactional(insert(id, url, settings, caller, offsets)))))
            .then(Mono.defer(() -> created(id, caller))));
  }

  private Mono<Boolean> exists(WebhookId id, Caller caller) {
    return database.sql("select 1 from webhook where id = $1 and account = $2").bind(0, id.value())
        .bind(1, caller.account().value()).fetch().first().hasElement();
  }

  private Mono<Void> insert(WebhookId id, String url, Settings settings, Caller caller, Long[] offsets) {
    // No unit commits from here on, and no other webhook is created.
    return database.sql("lock table consumer_position in exclusive mode").then()
        .then(database.sql("select count(*) from webhook where account = $1 and deleted_at is null and id <> $2")
            .bind(0, caller.account().value()).bind(1, id.value())
            .map(row -> value(row, "count", Long.class)).one())
        .flatMap(count -> {
          if (count >= properties.perAccount()) {
            return Mono.error(new RefusedException(ErrorCode.TOO_MANY_WEBHOOKS,
                "Webhooks: " + count + " in the account (expected: fewer than " + properties.perAccount() + ")."));
          }
          var statement = database.sql(INSERT).bind(0, id.value()).bind(1, caller.account().value()).bind(2, url)
              .bind(5, vault.seal(sealName(id), StandardWebhooks.newSecret()))
              .bind(6, caller.command().value()).bind(7, offsets).bind(8, Topics.FIRMWARE_EVENTS);
          statement = bind(statement, 3, types(settings), String[].class);
          return bind(statement, 4, settings.description(), String.class).then();
        });
  }

  private Mono<Created> created(WebhookId id, Caller caller) {
    return Mono.zip(find(id, caller), secret(id, caller), Created::new);
  }

  @Override
  public Mono<Webhook> update(WebhookId id, Settings settings, Caller caller) {
    return Mono.fromCallable(() -> {
      if (settings.url() != null) {
        TargetUrl.check(settings.url(), addresses);
      }
      return id;
    }).then(find(id, caller)).then(change(transaction.transactional(changeOnce(id, settings, caller))))
        .then(Mono.fromRunnable(wake)).then(find(id, caller));
  }

  private Mono<Void> changeOnce(WebhookId id, Settings settings, Caller caller) {
    var statement = database.sql("""
                                 update webhook set url = coalesce($3, url),
                                   event_types = case when $4 then $5 else event_types end,
                                   description = coalesce($6, description), enabled = coalesce($7, enabled),
                                   disabled_reason = case $7 when true then null when false then 'REQUESTED'
                                     else disabled_reason end,
                                   failing_since = null, changed_by = $2, modified_at = now()
                                 where id = $1 and deleted_at is null and changed_by <> $2""").bind(0, id.value())
        .bind(1, caller.command().value()).bind(3, settings.eventTypes() != null);
    statement = bind(statement, 2, settings.url(), String.class);
    statement = bind(statement, 4, types(settings), String[].class);
    statement = bind(statement, 5, settings.description(), String.class);
    statement = bind(statement, 6, settings.enabled(), Boolean.class);
    // Lines before their webhook, and in their order, as everywhere.
    return database.sql("""
                        update webhook_line l set due_at = now(), failures = 0 from (
                          select webhook_id, firmware_id from webhook_line where webhook_id = $1 and claim is null
                          order by firmware_id for update) free
                        where l.webhook_id = free.webhook_id and l.firmware_id = free.firmware_id""")
        .bind(0, id.value()).then().then(statement.then());
  }

  @Override
  public Mono<Secret> rotateSecret(WebhookId id, Caller caller) {
    var rotated = database.sql("""
                               update webhook set former_secret = sealed_secret,
                                 former_until = now() + make_interval(secs => $4), sealed_secret = $5, changed_by = $3,
                                 modified_at = now()
                               where id = $1 and account = $2 and deleted_at is null and changed_by <> $3""")
        .bind(0, id.value()).bind(1, caller.account().value()).bind(2, caller.command().value())
        .bind(3, seconds(properties.formerSecretValidity()))
        .bind(4, vault.seal(sealName(id), StandardWebhooks.newSecret()));
    return change(rotated.then()).then(Mono.defer(() -> secret(id, caller)));
  }

  @Override
  public Mono<Void> delete(WebhookId id, Caller caller) {
    var deleted = database
        .sql("""
             update webhook set url = null, sealed_secret = null, former_secret = null, description = null,
               deleted_at = now(), changed_by = $3, modified_at = now()
             where id = $1 and account = $2 and deleted_at is null""");
    var repeated = database
        .sql("select 1 from webhook where id = $1 and account = $2 and deleted_at is not null and changed_by = $3");
    return change(ofCommand(deleted, id, caller).fetch().rowsUpdated().flatMap(rows -> rows > 0
        ? Mono.just(true)
        : ofCommand(repeated, id, caller).fetch().first().hasElement()))
        .flatMap(done -> done ? Mono.empty() : Mono.error(NotFound.webhook(id)));
  }

  private static GenericExecuteSpec ofCommand(GenericExecuteSpec statement, WebhookId id, Caller caller) {
    return statement.bind(0, id.value()).bind(1, caller.account().value()).bind(2, caller.command().value());
  }

  @Override
  public Mono<List<Webhook>> list(Caller caller) {
    return read(webhooks(null, caller).all().collectList());
  }

  @Override
  public Mono<Page<Delivery>> deliveries(WebhookId id, @Nullable FirmwareId firmware, @Nullable DeliveryState state,
      int page, int size, Caller caller) {
    var total = selected("select count(*)" + SELECTED, id, firmware, state).map(row -> value(row, "count", Long.class))
        .one();
    var items = selected("select event_id, firmware_id, type, attempts, attempted_at, status, error, duration_ms,"
        + " recorded_at, delivered_at" + SELECTED
        + " order by recorded_at desc, position desc, event_id limit $4 offset $5",
        id, firmware, state).bind(3, size).bind(4, (page - 1L) * size).map(WebhookStore::delivery).all().collectList();
    return find(id, caller)
        .then(read(Mono.zip(items, total, (found, all) -> new Page<>(found, page, size, all.intValue()))));
  }

  private GenericExecuteSpec selected(String sql, WebhookId id, @Nullable FirmwareId firmware,
      @Nullable DeliveryState state) {
    var statement = database.sql(sql).bind(0, id.value());
    statement = bind(statement, 1, firmware == null ? null : firmware.value(), String.class);
    return bind(statement, 2, state == null ? null : state == DeliveryState.WAITING, Boolean.class);
  }

  @Override
  public Mono<Void> resend(WebhookId id, String eventId, Caller caller) {
    // A line that is claimed stays so: whoever has it finds the delivery.
    var line = database.sql("""
                            insert into webhook_line (webhook_id, firmware_id)
                            select webhook_id, firmware_id from webhook_delivery where webhook_id = $1 and event_id = $2
                            on conflict (webhook_id, firmware_id) do update set version = webhook_line.version + 1,
                              due_at = case when webhook_line.claim is null then now() else webhook_line.due_at end""")
        .bind(0, id.value()).bind(1, eventId).fetch().rowsUpdated();
    var delivery = database.sql("""
                                update webhook_delivery set delivered_at = null, resent_by = $3
                                where webhook_id = $1 and event_id = $2 and resent_by is distinct from $3""")
        .bind(0, id.value()).bind(1, eventId).bind(2, caller.command().value()).then();
    return find(id, caller).then(change(transaction
        .transactional(line.flatMap(rows -> rows > 0 ? delivery : Mono.error(NotFound.delivery(eventId))))))
        .then(Mono.fromRunnable(wake));
  }

  private Mono<Webhook> find(WebhookId id, Caller caller) {
    return read(webhooks(id, caller).one()).switchIfEmpty(Mono.error(() -> NotFound.webhook(id)));
  }

  private RowsFetchSpec<Webhook> webhooks(@Nullable WebhookId id, Caller caller) {
    return bind(database.sql(FIND).bind(0, caller.account().value()), 1, id == null ? null : id.value(), String.class)
        .map(WebhookStore::webhook);
  }

  private Mono<Secret> secret(WebhookId id, Caller caller) {
    return read(database
        .sql("select sealed_secret, case when former_until > now() then former_until end as former_until"
            + " from webhook where id = $1 and account = $2 and deleted_at is null")
        .bind(0, id.value())
        .bind(1, caller.account().value())
        .map(row -> new Secret(open(vault, id, value(row, "sealed_secret", byte[].class)),
            row.get("former_until", Instant.class)))
        .one()).switchIfEmpty(Mono.error(() -> NotFound.webhook(id)));
  }

  /** Opens a secret of this webhook. */
  static String open(Vault vault, WebhookId id, byte[] sealed) {
    try {
      return vault.open(sealName(id), sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("webhook " + id + ": its secret cannot be opened (expected: sealed with"
          + " ota.gateway.master-key, under this id)", e);
    }
  }

  private static String sealName(WebhookId id) {
    return "webhook " + id;
  }

  private static <T> Mono<T> read(Mono<T> statement) {
    return statement.timeout(PATIENCE).onErrorMap(failure -> !(failure instanceof ApiException),
        failure -> unavailable("The database of webhooks", failure));
  }

  /** A change whose outcome may not be known; the same request again finds out. */
  private static <T> Mono<T> change(Mono<T> statements) {
    return statements.timeout(PATIENCE).onErrorMap(failure -> !(failure instanceof ApiException), failure -> {
      LOG.atWarn().log("Webhooks may not have been changed: {}", failure.toString());
      return GatewayException.outcomeUnknown();
    });
  }

  private static GatewayException unavailable(String what, Throwable failure) {
    LOG.atWarn().log("{} does not answer for webhooks: {}", what, failure.toString());
    return GatewayException.unavailable(what);
  }

  private static String @Nullable [] types(Settings settings) {
    var types = settings.eventTypes();
    return types == null || types.isEmpty() ? null : types.toArray(String[]::new);
  }

  private static GenericExecuteSpec bind(GenericExecuteSpec statement, int index, @Nullable Object value,
      Class<?> type) {
    return value == null ? statement.bindNull(index, type) : statement.bind(index, value);
  }

  static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private static Webhook webhook(Readable row) {
    var types = row.get("event_types", String[].class);
    var reason = row.get("disabled_reason", String.class);
    return new Webhook(new WebhookId(value(row, "id", String.class)), value(row, "url", String.class),
        types == null ? List.of() : List.of(types), row.get("description", String.class),
        reason == null ? null : DisabledReason.valueOf(reason), row.get("failing_since", Instant.class),
        value(row, "waiting", Long.class), row.get("since", Instant.class), value(row, "expired", Long.class),
        value(row, "created_at", Instant.class), value(row, "modified_at", Instant.class));
  }

  private static Delivery delivery(Readable row) {
    return new Delivery(value(row, "event_id", String.class), new FirmwareId(value(row, "firmware_id", String.class)),
        value(row, "type", String.class), value(row, "attempts", Integer.class),
        row.get("attempted_at", Instant.class), row.get("status", Integer.class), row.get("error", String.class),
        row.get("duration_ms", Integer.class), value(row, "recorded_at", Instant.class),
        row.get("delivered_at", Instant.class));
  }

  private static <T> T value(Readable row, String column, Class<T> type) {
    return Objects.requireNonNull(row.get(column, type), column);
  }
}
