// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ProductKey;
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
import dev.otaverify.contracts.Source;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Products and devices of a batch of events, in memory, while the events are folded into them. job-service numbers what
 * it writes by product, the dispatcher by device.
 */
final class RegistryFold {
  private final Rows<ProductKey, ProductRow> products;
  private final Rows<String, DeviceRow> devices;
  private final Rows<String, ModuleRow> modules;
  private final Set<String> deletedModules = new TreeSet<>();

  /** @param modules all those of each of the products */
  RegistryFold(Collection<ProductRow> products, Collection<DeviceRow> devices, Collection<ModuleRow> modules) {
    this.products = new Rows<>(products, ProductRow::productKey);
    this.devices = new Rows<>(devices, DeviceRow::deviceId);
    this.modules = new Rows<>(modules, module -> moduleId(module.productKey(), module.moduleName()));
  }

  /** New and changed ones, without those that were deleted again. */
  Collection<ModuleRow> changedModules() {
    return modules.changed().stream()
        .filter(module -> !deletedModules.contains(moduleId(module.productKey(), module.moduleName()))).toList();
  }

  /** Product key and module name, joined by a slash. */
  Collection<String> deletedModules() {
    return deletedModules;
  }

  private static String moduleId(ProductKey product, ModuleName module) {
    return product + "/" + module;
  }

  Collection<ProductRow> changedProducts() {
    return products.changed();
  }

  Collection<DeviceRow> changedDevices() {
    return devices.changed();
  }

  /** @throws IllegalStateException if it cannot happen here: a number is missing, or what it is about */
  void apply(Message<RegistryEvent> message) {
    switch (message.data()) {
      case ProductCreated event -> create(message, event);
      case ProductUpdated event -> ofProduct(message, event, () -> products.put(
          products.get(event.productKey()).after(event)));
      case ProductDeleted event -> ofProduct(message, event, () -> {
        products.put(products.get(event.productKey()).after(event));
        modules.all().stream().filter(module -> module.productKey().equals(event.productKey()))
            .forEach(module -> deletedModules.add(moduleId(module.productKey(), module.moduleName())));
      });
      case ModuleCreated event -> ofProduct(message, event, () -> {
        deletedModules.remove(moduleId(event.productKey(), event.moduleName()));
        modules.put(ModuleRow.of(event));
      });
      case ModuleUpdated event -> ofProduct(message, event,
          () -> modules.put(modules.get(moduleId(event.productKey(), event.moduleName())).after(event)));
      case ModuleDeleted event -> ofProduct(message, event,
          () -> deletedModules.add(moduleId(event.productKey(), event.moduleName())));
      case DeviceRegistered event -> ofProduct(message, event,
          () -> devices.put(device(event, event.deviceName()).after(event)));
      case DeviceEnabled event -> ofProduct(message, event,
          () -> devices.put(device(event, event.deviceName()).enabled(true, event.at())));
      case DeviceDisabled event -> ofProduct(message, event,
          () -> devices.put(device(event, event.deviceName()).enabled(false, event.at())));
      case DeviceDeleted event -> ofProduct(message, event,
          () -> devices.put(device(event, event.deviceName()).after(event)));
      case DeviceVersionChanged event -> {
        var device = device(new DeviceId(event.productKey(), event.deviceName()), event.at());
        if (isNextOfDispatcher(message, device)) {
          devices.put(device.after(event).numbered(message.sequence()));
        }
      }
      case DevicePresenceChanged event -> {
        var device = device(new DeviceId(event.productKey(), event.deviceName()), event.at());
        if (isNextOfDispatcher(message, device)) {
          devices.put(device.after(event).numbered(message.sequence()));
        }
      }
    }
  }

  private void create(Message<RegistryEvent> message, ProductCreated event) {
    @Nullable
    ProductRow known = products.find(event.productKey());
    if (isNextOfJobService(message, event.productKey().value(), known == null ? 0 : known.jobServiceNumber())) {
      products.put(ProductRow.of(event, message.sequence()));
    }
  }

  /** job-service numbers by product whatever it writes about a product, its devices and modules. */
  private void ofProduct(Message<RegistryEvent> message, RegistryEvent event, Runnable change) {
    var product = products.get(event.productKey());
    if (isNextOfJobService(message, event.productKey().value(), product.jobServiceNumber())) {
      change.run();
      products.put(products.get(event.productKey()).numbered(message.sequence()));
    }
  }

  private DeviceRow device(RegistryEvent event, DeviceName name) {
    return device(new DeviceId(event.productKey(), name), event.at());
  }

  private DeviceRow device(DeviceId id, Instant at) {
    @Nullable
    DeviceRow known = devices.find(id.key());
    return known == null ? DeviceRow.unknown(id, at) : known;
  }

  private static boolean isNextOfJobService(Message<?> message, String subject, long last) {
    return Numbers.isNext(message, Source.JOB_SERVICE, subject, last);
  }

  private static boolean isNextOfDispatcher(Message<?> message, DeviceRow device) {
    return Numbers.isNext(message, Source.DEVICE_DISPATCHER, device.deviceId(), device.dispatcherNumber());
  }
}
