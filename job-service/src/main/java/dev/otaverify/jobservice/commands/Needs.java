// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command.CancelTasks;
import dev.otaverify.contracts.Command.ConfirmTasks;
import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateModule;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.Command.DeleteDevice;
import dev.otaverify.contracts.Command.DeleteFirmware;
import dev.otaverify.contracts.Command.DeleteModule;
import dev.otaverify.contracts.Command.DeleteProduct;
import dev.otaverify.contracts.Command.ImportDevice;
import dev.otaverify.contracts.Command.ImportProduct;
import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.Command.SetDeviceEnabled;
import dev.otaverify.contracts.Command.UpdateModule;
import dev.otaverify.contracts.Command.UpdateProduct;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.ProductKey;
import java.util.List;
import java.util.SequencedSet;
import java.util.TreeSet;

/**
 * What must be loaded to decide on a batch, in key order.
 *
 * @param imports the commands that bring a secret along
 * @param productsWritten those that an event may be written about, whose numbers go on
 * @param productsReliedOn those that must exist, and stay
 * @param productsEmptied those of which something may go that others may rely on: the product, a device, a module
 * @param modulesOf the products whose modules matter
 */
record Needs(SequencedSet<CommandId> commands, SequencedSet<CommandId> imports, SequencedSet<FirmwareId> firmware,
    SequencedSet<Name> firmwareNames, SequencedSet<ProductKey> productsWritten,
    SequencedSet<ProductKey> productsReliedOn, SequencedSet<ProductKey> productsEmptied,
    SequencedSet<Name> productNames, SequencedSet<DeviceId> devices, SequencedSet<ProductKey> modulesOf) {

  static Needs of(List<Request> batch) {
    var needs = new Needs(new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>(),
        new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    batch.forEach(needs::add);
    needs.productsReliedOn.removeAll(needs.productsWritten);
    return needs;
  }

  private void add(Request request) {
    switch (request) {
      case Request.FromAggregator conclude -> firmware.add(conclude.command().firmwareId());
      case Request.FromClient client -> {
        commands.add(client.context().id());
        switch (client.command()) {
          case CreateProduct create -> {
            productsWritten.add(create.productKey());
            productNames.add(new Name(create.account(), create.name()));
          }
          case ImportProduct bring -> {
            imports.add(client.context().id());
            productsWritten.add(bring.productKey());
            productNames.add(new Name(bring.account(), bring.name()));
          }
          case UpdateProduct update -> {
            productsWritten.add(update.productKey());
            productNames.add(new Name(update.account(), update.name()));
          }
          case DeleteProduct delete -> {
            productsWritten.add(delete.productKey());
            productsEmptied.add(delete.productKey());
          }
          case RegisterDevice register -> {
            productsWritten.add(register.productKey());
            devices.add(new DeviceId(register.productKey(), register.deviceName()));
          }
          case ImportDevice bring -> {
            imports.add(client.context().id());
            productsWritten.add(bring.productKey());
            devices.add(new DeviceId(bring.productKey(), bring.deviceName()));
          }
          case DeleteDevice delete -> {
            productsWritten.add(delete.productKey());
            productsEmptied.add(delete.productKey());
            devices.add(new DeviceId(delete.productKey(), delete.deviceName()));
          }
          case SetDeviceEnabled set -> {
            productsWritten.add(set.productKey());
            devices.add(new DeviceId(set.productKey(), set.deviceName()));
          }
          case CreateModule create -> {
            productsWritten.add(create.productKey());
            modulesOf.add(create.productKey());
          }
          case UpdateModule update -> {
            productsWritten.add(update.productKey());
            modulesOf.add(update.productKey());
          }
          case DeleteModule delete -> {
            productsWritten.add(delete.productKey());
            productsEmptied.add(delete.productKey());
            modulesOf.add(delete.productKey());
          }
          case CreateFirmware create -> {
            firmware.add(create.firmwareId());
            firmwareNames.add(new Name(create.account(), create.spec().name()));
            productsReliedOn.add(create.spec().productKey());
            modulesOf.add(create.spec().productKey());
          }
          case DeleteFirmware delete -> firmware.add(delete.firmwareId());
          case ConfirmTasks confirm -> firmware.add(confirm.firmwareId());
          case CancelTasks cancel -> firmware.add(cancel.firmwareId());
          case CreateVerifyJob create -> {
            firmware.add(create.firmwareId());
            productsReliedOn.add(create.productKey());
            create.targets().forEach(name -> devices.add(new DeviceId(create.productKey(), name)));
          }
        }
      }
    }
  }
}
