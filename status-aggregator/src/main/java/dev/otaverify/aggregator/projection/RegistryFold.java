// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.DevicePresenceChanged;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.contracts.RegistryEvent.DeviceVersionChanged;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.Source;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Products and devices of a batch of events, in memory, while the events are folded into them. job-service numbers what
 * it writes by product, the dispatcher by device.
 */
final class RegistryFold {
  private final Rows<ProductKey, ProductRow> products;
  private final Rows<String, DeviceRow> devices;

  RegistryFold(Collection<ProductRow> products, Collection<DeviceRow> devices) {
    this.products = new Rows<>(products, ProductRow::productKey);
    this.devices = new Rows<>(devices, DeviceRow::deviceId);
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
      case DeviceRegistered event -> register(message, event);
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

  private void register(Message<RegistryEvent> message, DeviceRegistered event) {
    var product = products.get(event.productKey());
    if (isNextOfJobService(message, event.productKey().value(), product.jobServiceNumber())) {
      products.put(product.numbered(message.sequence()));
      devices.put(device(new DeviceId(event.productKey(), event.deviceName()), event.at()).after(event));
    }
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
