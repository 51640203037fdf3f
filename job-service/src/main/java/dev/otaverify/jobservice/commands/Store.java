// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.jobservice.credentials.Secret;
import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.sql.Sql;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tables. All units lock and write in one order (firmware, products, devices, then what is new), so they may wait for
 * each other, but never in a circle.
 */
final class Store {
  /**
   * Reads what the batch needs. Firmware and the products that get events are locked against other writers. Products that
   * are only relied on are locked against removal, not against the next event about them: a lock that excluded writers
   * would have two units, each writing the product that the other relies on, wait for each other.
   *
   * <p>Whoever takes something out of a product (a device, a module, itself) locks it against those that rely on it, too.
   * So what is read after the products stays as it was read: the devices and modules that a new firmware or job relies
   * on, and the jobs and firmware that keep a device or module from being deleted. Two deletions may wait for each other
   * in a circle if each relies on the product of the other; the database ends that, and the batch is taken again.
   */
  Loaded load(Sql sql, Needs needs) {
    var found = Loaded.nothing();
    var written = texts(needs.productsWritten());
    var emptied = texts(needs.productsEmptied());
    each(AnswerRow.class, answer -> found.answers().put(answer.commandId(), answer), sql,
        "select row_to_json(a) from command_answer a where command_id = any(?)", texts(needs.commands()));
    each(FirmwareRow.class, row -> found.firmware().put(row.firmwareId(), row), sql,
        "select row_to_json(f) from firmware f where firmware_id = any(?) order by firmware_id for update",
        texts(needs.firmware()));
    // After the lock, so that it sees what the former holder of the lock has committed.
    each(JobRow.class, job -> found.jobs().put(job.jobId(), job), sql,
        "select row_to_json(j) from verify_job j where firmware_id = any(?) and verdict is null",
        texts(needs.firmware()));
    each(ProductRow.Stored.class, row -> found.products().put(row.productKey(), row), sql,
        "select " + ProductRow.Stored.COLUMNS
            + " from product where product_key = any(?) order by product_key for "
            + (needs.productsEmptied().isEmpty() ? "no key update" : "update"),
        written);
    each(ProductRow.Stored.class, row -> found.products().put(row.productKey(), row), sql,
        "select " + ProductRow.Stored.COLUMNS
            + " from product where product_key = any(?) order by product_key for key share",
        texts(needs.productsReliedOn()));
    each(DeviceRow.Stored.class, row -> found.devices().put(row.id(), row), sql,
        "select " + DeviceRow.Stored.COLUMNS + " from device where (product_key, device_name) in"
            + " (select * from unnest(?, ?))",
        texts(needs.devices(), DeviceId::productKey), texts(needs.devices(), DeviceId::deviceName));
    each(ModuleRow.class,
        row -> found.modules().computeIfAbsent(row.productKey(), key -> new HashMap<>()).put(row.moduleName(),
            row.state()),
        sql, "select row_to_json(m) from module m where product_key = any(?)", texts(needs.modulesOf()));
    each(Count.class, count -> found.contents().put(count.productKey(), count.number()), sql,
        "select json_build_object('product_key', k, 'number',"
            + " (select count(*) from device where product_key = k)"
            + " + (select count(*) from firmware where product_key = k and deleted_at is null))"
            + " from unnest(?) k",
        emptied);
    each(Count.class,
        count -> found.firmwareOfModules().computeIfAbsent(count.productKey(), key -> new HashMap<>())
            .put(count.module(), count.number()),
        sql, "select json_build_object('product_key', product_key, 'module_name', spec ->> 'module_name',"
            + " 'number', count(*)) from firmware where product_key = any(?) and deleted_at is null"
            + " group by product_key, spec ->> 'module_name'",
        emptied);
    each(JobRow.Busy.class,
        busy -> found.busyDevices().put(new DeviceId(busy.productKey(), busy.deviceName()), busy.jobId()), sql,
        "select json_build_object('product_key', product_key, 'device_name', t ->> 'device_name',"
            + " 'job_id', job_id) from verify_job, jsonb_array_elements(targets) t"
            + " where product_key = any(?) and verdict is null",
        emptied);
    names(found.productNames(), sql, "product", needs.productNames());
    names(found.firmwareNames(), sql, "firmware", needs.firmwareNames());
    imports(sql, needs, found);
    sql.send();
    return found;
  }

  /** How many there are. */
  private record Count(ProductKey productKey, @Nullable ModuleName moduleName, long number) {
    ModuleName module() {
      return Objects.requireNonNull(moduleName, "moduleName");
    }
  }

  /** A secret that was handed over for a command. */
  private record Staged(CommandId commandId, Secret secret) {}

  private static void imports(Sql sql, Needs needs, Loaded found) {
    if (needs.imports().isEmpty()) {
      return;
    }
    each(Staged.class, staged -> found.staged().put(staged.commandId(), staged.secret()), sql,
        "select json_build_object('command_id', command_id, 'secret', secret) from staged_secret"
            + " where command_id = any(?)",
        texts(needs.imports()));
    each(ProductRow.WithSecret.class, row -> found.productSecrets().put(row.productKey(), row.secret()), sql,
        "select " + ProductRow.WithSecret.COLUMNS + " from product where product_key = any(?)",
        texts(needs.productsWritten()));
    each(DeviceRow.WithSecret.class, row -> found.deviceSecrets().put(row.id(), row.secret()), sql,
        "select " + DeviceRow.WithSecret.COLUMNS + " from device where (product_key, device_name) in"
            + " (select * from unnest(?, ?))",
        texts(needs.devices(), DeviceId::productKey), texts(needs.devices(), DeviceId::deviceName));
  }

  /**
   * Writes what was decided, not necessarily at once. If another unit has meanwhile written a row that should be new, or taken a name, a unique index
   * refuses that, and it is decided again ({@link Database#transaction}), with the other's row seen.
   */
  void write(Sql sql, Changes changes) {
    sql.upsert(JobRow.TABLE, changes.changedJobs());
    update(sql, "update product p set name = c.name, description = c.description, event_number = c.event_number,"
        + " deleted_at = c.deleted_at from json_to_recordset(?::json) c (product_key text, name text,"
        + " description text, event_number bigint, deleted_at timestamptz) where p.product_key = c.product_key",
        changes.products(), Sql.json(changes.products()));
    insertOrRevive(sql, changes.newProducts());
    update(sql, "delete from device where (product_key, device_name) in (select * from unnest(?, ?))",
        changes.deletedDevices(), texts(changes.deletedDevices(), DeviceId::productKey),
        texts(changes.deletedDevices(), DeviceId::deviceName));
    sql.insert(DeviceRow.TABLE, changes.newDevices());
    update(sql,
        "update device d set enabled = c.enabled from unnest(?, ?, ?) c (product_key, device_name, enabled)"
            + " where d.product_key = c.product_key and d.device_name = c.device_name",
        changes.enabled().keySet(),
        texts(changes.enabled().keySet(), DeviceId::productKey),
        texts(changes.enabled().keySet(), DeviceId::deviceName),
        changes.enabled().values().toArray(Boolean[]::new));
    modules(sql, changes.modules());
    sql.upsert(FirmwareRow.TABLE, changes.changedFirmware());
    sql.insert(FirmwareRow.TABLE, changes.newFirmware());
    sql.insert(JobRow.TABLE, changes.newJobs());
    sql.insert(AnswerRow.TABLE, changes.newAnswers());
    update(sql, "delete from staged_secret where command_id = any(?)", changes.decidedImports(),
        (Object) texts(changes.decidedImports()));
  }

  /** A product of an imported key may have been there and been deleted: its row begins again, its number does not. */
  private static void insertOrRevive(Sql sql, Collection<ProductRow> products) {
    update(sql, "delete from module where product_key = any(?)", products,
        (Object) texts(products, ProductRow::productKey));
    sql.upsert(ProductRow.TABLE, products);
  }

  private static void modules(Sql sql, Map<ProductKey, List<ModuleRow>> modules) {
    update(sql, "delete from module where product_key = any(?)", modules.keySet(), (Object) texts(modules.keySet()));
    sql.upsert(ModuleRow.TABLE, modules.values().stream().flatMap(List::stream).toList());
  }

  private static void names(Collection<Name> found, Sql sql, String table, Collection<Name> names) {
    each(Name.class, found::add, sql,
        "select json_build_object('account', account, 'name', name) from " + table
            + " where deleted_at is null and (account, name) in (select * from unnest(?, ?))",
        texts(names, Name::account), texts(names, Name::name));
  }

  private static <R> void each(Class<R> row, Consumer<R> found, Sql sql, String query, String[]... keys) {
    if (keys[0].length > 0) {
      sql.each(row, found, query, (Object[]) keys);
    }
  }

  private static void update(Sql sql, String statement, Collection<?> unlessEmpty, Object... parameters) {
    if (!unlessEmpty.isEmpty()) {
      sql.later(statement, parameters);
    }
  }

  private static String[] texts(Collection<?> keys) {
    return texts(keys, key -> key);
  }

  private static <K> String[] texts(Collection<K> keys, Function<K, Object> part) {
    return keys.stream().map(key -> part.apply(key).toString()).toArray(String[]::new);
  }
}
