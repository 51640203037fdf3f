// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.dispatcher.device.PushPolicy;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Transaction;
import dev.otaverify.kit.unit.UndecidableException;
import dev.otaverify.kit.unit.UnitHandler;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/** Decides on what moves devices and their tasks. */
final class DeviceInputHandler implements UnitHandler<DeviceInput> {
  // Longer ones are no versions of any package, and would be carried in every event about the device.
  private static final int LONGEST_VERSION = 256;

  private final PushPolicy policy;
  private final Messenger messenger;
  private final TaskMetrics metrics;

  DeviceInputHandler(PushPolicy policy, Messenger messenger, TaskMetrics metrics) {
    this.policy = policy;
    this.messenger = messenger;
    this.metrics = metrics;
  }

  @Override
  public Output handle(Transaction transaction, List<Incoming<DeviceInput>> batch) {
    batch.forEach(DeviceInputHandler::check);
    var sql = transaction.sql();
    var ids = new TreeSet<DeviceId>();
    batch.forEach(input -> ids.add(input.data().device()));
    // Whoever may write a device's rows holds the lock of its partition.
    var devices = devices(sql, ids);
    var tasks = tasks(sql, ids, batch);
    var fold = new Fold(devices.get(), tasks.get(), transaction, policy, metrics);
    batch.forEach(fold::apply);
    if (fold.records().isEmpty() && fold.said().isEmpty()) {
      transaction.needNotLast();
    }
    sql.upsert(DeviceRow.TABLE, fold.changedDevices());
    // In this order: a new task may take the place of one that has ended.
    sql.change(TaskRow.CHANGES, fold.changedTasks());
    sql.upsert(TaskRow.TABLE, fold.newTasks());
    var effects = new ArrayList<Runnable>();
    fold.said().forEach(said -> effects.add(messenger.sending(said, transaction.now())));
    effects.addAll(fold.notices());
    return new Output(fold.records(), effects);
  }

  private static Supplier<List<DeviceRow>> devices(Sql sql, Collection<DeviceId> ids) {
    return sql.rowsLater(DeviceRow.class,
        """
        select row_to_json(d) from unnest(?::text[], ?::text[]) as id (product_key, device_name) cross join lateral (
          select * from device where product_key = id.product_key and device_name = id.device_name offset 0) d""",
        products(ids), names(ids));
  }

  /**
   * The open tasks of the devices, and of the others those that an input assigns again. Device by device ({@code offset 0}), whatever the
   * statistics say: analyzed while no task was open, they would have all open ones read for each batch.
   */
  private static Supplier<List<TaskRow>> tasks(Sql sql, Collection<DeviceId> ids, List<Incoming<DeviceInput>> batch) {
    var assigned = batch.stream().map(Incoming::data).filter(DeviceInput.AssignTask.class::isInstance)
        .map(input -> ((DeviceInput.AssignTask) input).taskId().value()).distinct().toArray(String[]::new);
    return sql.rowsLater(TaskRow.class,
        """
        select row_to_json(t) from device_task t where task_id = any(?::text[] || array(
          select o.task_id from unnest(?::text[], ?::text[]) as id (product_key, device_name) cross join lateral (
            select task_id from device_task where product_key = id.product_key and device_name = id.device_name
              and deadline_at is not null offset 0) o))""", assigned, products(ids), names(ids));
  }

  private static String[] products(Collection<DeviceId> ids) {
    return texts(ids, id -> id.productKey().value());
  }

  private static String[] names(Collection<DeviceId> ids) {
    return texts(ids, id -> id.deviceName().value());
  }

  private static String[] texts(Collection<DeviceId> ids, Function<DeviceId, String> text) {
    return ids.stream().map(text).toArray(String[]::new);
  }

  /** A device may say anything. */
  private static void check(Incoming<DeviceInput> input) {
    if (!input.key().equals(input.data().device().key())) {
      throw new UndecidableException("key: %s (expected: %s)".formatted(input.key(), input.data().device()));
    }
    switch (input.data()) {
      case DeviceInput.ProgressReported i when i.step() < -4 || i.step() > 100 ->
        throw new UndecidableException("step: " + i.step() + " (expected: -4 to 100)");
      case DeviceInput.VersionReported i when i.version().isEmpty() || i.version().length() > LONGEST_VERSION ->
        throw new UndecidableException(
            "version: %d characters (expected: 1 to %d)".formatted(i.version().length(), LONGEST_VERSION));
      case DeviceInput i -> {
      }
    }
  }
}
