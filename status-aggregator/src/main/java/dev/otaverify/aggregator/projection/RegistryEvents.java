// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.DevicePresenceChanged;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.contracts.RegistryEvent.DeviceVersionChanged;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.RegistryEvent.ProductUpdated;
import dev.otaverify.contracts.RegistryEvent.ProductDeleted;
import dev.otaverify.contracts.RegistryEvent.ModuleUpdated;
import dev.otaverify.contracts.RegistryEvent.ModuleDeleted;
import dev.otaverify.contracts.RegistryEvent.ModuleCreated;
import dev.otaverify.contracts.RegistryEvent.DeviceEnabled;
import dev.otaverify.contracts.RegistryEvent.DeviceDisabled;
import dev.otaverify.contracts.RegistryEvent.DeviceDeleted;
import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Transaction;
import dev.otaverify.kit.unit.UnitHandler;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Folds {@link Topics#REGISTRY_EVENTS}. Nothing follows from them but rows. */
final class RegistryEvents implements UnitHandler<RegistryEvent> {
  private final Commits commits;

  RegistryEvents(Commits commits) {
    this.commits = commits;
  }

  @Override
  public Output handle(Transaction transaction, List<Incoming<RegistryEvent>> batch) {
    var sql = transaction.sql();
    var fold = load(sql, batch);
    batch.forEach(event -> fold.apply(event.message()));
    transaction.needNotLast();
    sql.upsert(ProductRow.TABLE, fold.changedProducts());
    sql.upsert(DeviceRow.TABLE, fold.changedDevices());
    sql.upsert(ModuleRow.TABLE, fold.changedModules());
    if (!fold.deletedModules().isEmpty()) {
      sql.later("delete from module where product_key || '/' || module_name = any(?)",
          (Object) fold.deletedModules().toArray(String[]::new));
    }
    return new Output(List.of(), List.of(commits::announce));
  }

  private static RegistryFold load(Sql sql, List<Incoming<RegistryEvent>> batch) {
    var products = batch.stream().map(event -> event.data().productKey().value()).distinct().sorted()
        .toArray(String[]::new);
    var devices = batch.stream().map(event -> deviceOf(event.data())).flatMap(Stream::ofNullable).map(DeviceId::key)
        .distinct().sorted().toArray(String[]::new);
    var productRows = sql.rowsLater(ProductRow.class,
        "select row_to_json(p) from product p where product_key = any(?) order by product_key for update",
        (Object) products);
    var deviceRows = sql.rowsLater(DeviceRow.class,
        "select row_to_json(d) from device d where device_id = any(?) order by device_id for update", (Object) devices);
    var moduleRows = sql.rowsLater(ModuleRow.class, "select row_to_json(m) from module m where product_key = any(?)",
        (Object) products);
    return new RegistryFold(productRows.get(), deviceRows.get(), moduleRows.get());
  }

  private static @Nullable DeviceId deviceOf(RegistryEvent event) {
    return switch (event) {
      case ProductCreated ignored -> null;
      case ProductUpdated ignored -> null;
      case ProductDeleted ignored -> null;
      case ModuleCreated ignored -> null;
      case ModuleUpdated ignored -> null;
      case ModuleDeleted ignored -> null;
      case DeviceRegistered e -> new DeviceId(e.productKey(), e.deviceName());
      case DeviceEnabled e -> new DeviceId(e.productKey(), e.deviceName());
      case DeviceDisabled e -> new DeviceId(e.productKey(), e.deviceName());
      case DeviceDeleted e -> new DeviceId(e.productKey(), e.deviceName());
      case DeviceVersionChanged e -> new DeviceId(e.productKey(), e.deviceName());
      case DevicePresenceChanged e -> new DeviceId(e.productKey(), e.deviceName());
    };
  }
}
