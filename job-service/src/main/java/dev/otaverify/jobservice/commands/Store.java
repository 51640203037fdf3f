// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.sql.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The tables. All units lock and write in one order (firmware, products, devices, then what is new), so they may wait for
 * each other, but never in a circle.
 */
final class Store {
  private static final int FORGOTTEN_AT_ONCE = 200;

  private final Duration answerRetention;

  Store(Duration answerRetention) {
    this.answerRetention = answerRetention;
  }

  /** Somebody else has written a row that stands in the way: what was decided must be decided again. */
  static final class ConflictException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConflictException(String table) {
      super("insert into " + table + ": a row was taken (expected: only while others decide at the same time)");
    }
  }

  /**
   * Reads what the batch needs. Firmware and the products that get events are locked against other writers. Products and
   * devices that are only relied on are locked against removal, not against the next event about them: a lock that
   * excluded writers would have two units, each writing the product that the other relies on, wait for each other.
   */
  Mono<Loaded> load(Sql sql, Needs needs) {
    var found = new Loaded(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashSet<>(), new HashMap<>(),
        new HashSet<>(), new HashMap<>());
    return Flux.concat(
        each(AnswerRow.class, answer -> found.answers().put(answer.commandId(), answer), sql,
            "select to_jsonb(a) from command_answer a where command_id = any($1)", texts(needs.commands())),
        each(FirmwareRow.class, row -> found.firmware().put(row.firmwareId(), row), sql,
            "select to_jsonb(f) from firmware f where firmware_id = any($1) order by firmware_id for update",
            texts(needs.firmware())),
        // After the lock, so that it sees what the former holder of the lock has committed.
        each(JobRow.Running.class, job -> found.runningJobs().put(job.firmwareId(), job.jobId()), sql,
            "select " + JobRow.Running.COLUMNS
                + " from verify_job where firmware_id = any($1) and verdict is null",
            texts(needs.firmware())),
        each(ProductRow.Stored.class, row -> found.products().put(row.productKey(), row), sql,
            "select " + ProductRow.Stored.COLUMNS
                + " from product where product_key = any($1) order by product_key for no key update",
            texts(needs.productsWritten())),
        each(ProductRow.Stored.class, row -> found.products().put(row.productKey(), row), sql,
            "select " + ProductRow.Stored.COLUMNS
                + " from product where product_key = any($1) order by product_key for key share",
            texts(needs.productsReliedOn())),
        each(DeviceRow.Stored.class, row -> found.devices().put(row.id(), row.iotId()), sql,
            "select " + DeviceRow.Stored.COLUMNS + " from device where (product_key, device_name) in"
                + " (select * from unnest($1, $2)) order by product_key, device_name for key share",
            texts(needs.devices(), DeviceId::productKey), texts(needs.devices(), DeviceId::deviceName)),
        names(found.productNames(), sql, "product", needs.productNames()),
        names(found.firmwareNames(), sql, "firmware", needs.firmwareNames()))
        .then(Mono.just(found));
  }

  /**
   * Writes what was decided.
   *
   * @return {@link ConflictException} if a row that should be new is not
   */
  Mono<Void> write(Sql sql, Changes changes, Instant now) {
    return Flux.concat(
        update(sql, "update verify_job j set verdict = c.verdict, concluded_at = $3"
            + " from unnest($1, $2) c (job_id, verdict) where j.job_id = c.job_id", changes.conclusions().keySet(),
            texts(changes.conclusions().keySet()), texts(changes.conclusions().values()), now),
        insert(sql, ProductRow.TABLE, changes.newProducts()),
        update(sql, "update product p set event_number = n.number"
            + " from unnest($1, $2) n (product_key, number) where p.product_key = n.product_key",
            changes.productNumbers().keySet(), texts(changes.productNumbers().keySet()),
            changes.productNumbers().values().toArray(Long[]::new)),
        insert(sql, DeviceRow.TABLE, changes.newDevices()),
        insert(sql, FirmwareRow.TABLE, changes.newFirmware()),
        sql.upsert(FirmwareRow.TABLE, changes.changedFirmware()).then(),
        insert(sql, JobRow.TABLE, changes.newJobs()),
        insert(sql, AnswerRow.TABLE, changes.newAnswers()),
        forget(sql, changes, now)).then();
  }

  /** Drops old answers, faster than new ones come, yet never many at once. */
  private Mono<Void> forget(Sql sql, Changes changes, Instant now) {
    return update(sql, "delete from command_answer where command_id in (select command_id from command_answer"
        + " where decided_at < $1 order by decided_at limit $2 for update skip locked)", changes.newAnswers(),
        now.minus(answerRetention), changes.newAnswers().size() + FORGOTTEN_AT_ONCE);
  }

  private static Mono<Void> names(Collection<Name> found, Sql sql, String table, Collection<Name> names) {
    return each(Name.class, found::add, sql,
        "select jsonb_build_object('account', account, 'name', name) from " + table
            + " where (account, name) in (select * from unnest($1, $2))",
        texts(names, Name::account), texts(names, Name::name));
  }

  private static <R> Mono<Void> each(Class<R> row, Consumer<R> found, Sql sql, String query, String[]... keys) {
    return keys[0].length == 0
        ? Mono.empty()
        : sql.rows(row, query, (Object[]) keys).doOnNext(rows -> rows.forEach(found)).then();
  }

  private static Mono<Void> update(Sql sql, String statement, Collection<?> unlessEmpty, Object... parameters) {
    return unlessEmpty.isEmpty() ? Mono.empty() : sql.update(statement, parameters).then();
  }

  private static <R extends Record> Mono<Void> insert(Sql sql, Table<R> table, Collection<R> rows) {
    return sql.insertNew(table, rows).flatMap(inserted -> inserted.size() == rows.size()
        ? Mono.empty()
        : Mono.error(new ConflictException(table.name())));
  }

  private static String[] texts(Collection<?> keys) {
    return texts(keys, key -> key);
  }

  private static <K> String[] texts(Collection<K> keys, Function<K, Object> part) {
    return keys.stream().map(key -> part.apply(key).toString()).toArray(String[]::new);
  }
}
