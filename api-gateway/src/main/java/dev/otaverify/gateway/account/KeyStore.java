// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.auth.AccessKey;
import dev.otaverify.gateway.auth.KnownKey;
import dev.otaverify.gateway.auth.Permissions;
import io.r2dbc.spi.Readable;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The access keys and sub-users in the database. */
final class KeyStore {
  private static final Logger LOG = LoggerFactory.getLogger(KeyStore.class);
  private static final String MASTER = "master key";
  private static final String PERMITTED = "u.actions, u.products";

  private final DatabaseClient database;
  private final Vault vault;

  KeyStore(DatabaseClient database, Vault vault) {
    this.database = database;
    this.vault = vault;
  }

  /**
   * A key as lists show it.
   *
   * @param user null for a key of the account itself
   */
  record Listed(String id, AccountId account, @Nullable String user, Permissions permissions, boolean enabled,
      Instant createdAt) {}

  /**
   * Makes sure that what is stored was sealed with the master key that is given here.
   *
   * @return an {@link IllegalStateException} if not
   */
  Mono<Void> checkMasterKey() {
    return database.sql("insert into master_key (sealed) values ($1) on conflict do nothing")
        .bind(0, vault.seal(MASTER, MASTER)).fetch().rowsUpdated()
        .then(database.sql("select sealed from master_key").map(row -> value(row, "sealed", byte[].class)).one())
        .doOnNext(sealed -> {
          try {
            vault.open(MASTER, sealed);
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ota.gateway.master-key: another than the access keys in the database were"
                + " sealed with (expected: the same at every start and on every gateway)", e);
          }
        }).then();
  }

  /** Stores keys of the account itself, unless there are or were keys of their ids. */
  Mono<Void> addInitial(Collection<AccessKey> keys) {
    return Flux.fromIterable(keys).concatMap(key -> add(key, null).flatMap(added -> added
        ? Mono.<Void>empty()
        : find(key.id()).doOnNext(known -> {
          if (!known.key().equals(key)) {
            LOG.atWarn().log(
                "ota.gateway.access-keys: {} is in the database with another secret or account, which holds",
                key.id());
          }
        }).then())).then();
  }

  /** The key of this id; empty if there is none, or no more. */
  Mono<KnownKey> find(String id) {
    return database.sql("select k.account, k.sealed_secret, k.enabled, " + PERMITTED + " from access_key k"
        + " left join sub_user u on u.account = k.account and u.name = k.user_name"
        + " where k.id = $1 and k.deleted_at is null").bind(0, id)
        .map(row -> new KnownKey(new AccessKey(id, open(id, value(row, "sealed_secret", byte[].class)), account(row)),
            permissions(row), value(row, "enabled", Boolean.class)))
        .one();
  }

  /**
   * Stores a key.
   *
   * @param user null for one of the account itself; else one that there is
   * @return whether there neither is nor was a key of this id
   */
  Mono<Boolean> add(AccessKey key, @Nullable String user) {
    var statement = database.sql("insert into access_key (id, account, user_name, sealed_secret)"
        + " values ($1, $2, $3, $4) on conflict do nothing").bind(0, key.id()).bind(1, key.account().value())
        .bind(3, vault.seal(key.id(), key.secret()));
    return (user == null ? statement.bindNull(2, String.class) : statement.bind(2, user)).fetch().rowsUpdated()
        .map(rows -> rows > 0);
  }

  /** Stores a sub-user, unless there is one of this name; says whether there was none. */
  Mono<Boolean> addUser(AccountId account, String user, Permissions permissions) {
    return limits("insert into sub_user (account, name, actions, products) values ($1, $2, $3, $4)"
        + " on conflict do nothing", account, user, permissions);
  }

  /** Limits a sub-user anew; says whether there is one of this name. */
  Mono<Boolean> limit(AccountId account, String user, Permissions permissions) {
    return limits("update sub_user set actions = $3, products = $4 where account = $1 and name = $2", account, user,
        permissions);
  }

  /** All keys, by account and user. */
  Mono<List<Listed>> list() {
    return database.sql("select k.id, k.account, k.user_name, k.enabled, k.created_at, " + PERMITTED
        + " from access_key k left join sub_user u on u.account = k.account and u.name = k.user_name"
        + " where k.deleted_at is null order by k.account, k.user_name nulls first, k.created_at, k.id")
        .map(row -> new Listed(value(row, "id", String.class), account(row), row.get("user_name", String.class),
            permissions(row), value(row, "enabled", Boolean.class), value(row, "created_at", Instant.class)))
        .all().collectList();
  }

  /** Enables or disables a key; says whether there is one of this id. */
  Mono<Boolean> setEnabled(String id, boolean enabled) {
    return database.sql("update access_key set enabled = $2 where id = $1 and deleted_at is null").bind(0, id)
        .bind(1, enabled).fetch().rowsUpdated().map(rows -> rows > 0);
  }

  /** Deletes a key for good; says whether there was one of this id. */
  Mono<Boolean> delete(String id) {
    return database.sql("update access_key set deleted_at = now(), sealed_secret = null"
        + " where id = $1 and deleted_at is null").bind(0, id).fetch().rowsUpdated().map(rows -> rows > 0);
  }

  private Mono<Boolean> limits(String sql, AccountId account, String user, Permissions permissions) {
    var statement = database.sql(sql).bind(0, account.value()).bind(1, user);
    statement = bind(statement, 2, permissions.actions());
    return bind(statement, 3, permissions.products()).fetch().rowsUpdated().map(rows -> rows > 0);
  }

  private static DatabaseClient.GenericExecuteSpec bind(DatabaseClient.GenericExecuteSpec statement, int index,
      @Nullable Set<?> values) {
    return values == null
        ? statement.bindNull(index, String[].class)
        : statement.bind(index, values.stream().map(Object::toString).sorted().toArray(String[]::new));
  }

  private String open(String id, byte[] sealed) {
    try {
      return vault.open(id, sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("access key " + id + ": its secret cannot be opened (expected: sealed with"
          + " ota.gateway.master-key, under this id)", e);
    }
  }

  private static AccountId account(Readable row) {
    return new AccountId(value(row, "account", String.class));
  }

  private static Permissions permissions(Readable row) {
    return new Permissions(set(row.get("actions", String[].class), Function.identity()),
        set(row.get("products", String[].class), ProductKey::new));
  }

  private static <T> @Nullable Set<T> set(String @Nullable [] values, Function<String, T> reader) {
    return values == null ? null : Stream.of(values).map(reader).collect(Collectors.toUnmodifiableSet());
  }

  private static <T> T value(Readable row, String column, Class<T> type) {
    return Objects.requireNonNull(row.get(column, type), column);
  }
}
