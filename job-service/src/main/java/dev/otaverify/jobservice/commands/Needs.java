// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.Command.RegisterDevice;
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
 * @param productsWritten those that an event may be written about, whose numbers go on
 * @param productsReliedOn those that must exist, and stay
 */
record Needs(SequencedSet<CommandId> commands, SequencedSet<FirmwareId> firmware, SequencedSet<Name> firmwareNames,
    SequencedSet<ProductKey> productsWritten, SequencedSet<ProductKey> productsReliedOn,
    SequencedSet<Name> productNames, SequencedSet<DeviceId> devices) {

  static Needs of(List<Request> batch) {
    var needs = new Needs(new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>(),
        new TreeSet<>(), new TreeSet<>());
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
          case RegisterDevice register -> {
            productsWritten.add(register.productKey());
            devices.add(new DeviceId(register.productKey(), register.deviceName()));
          }
          case CreateFirmware create -> {
            firmware.add(create.firmwareId());
            firmwareNames.add(new Name(create.account(), create.spec().name()));
            productsReliedOn.add(create.spec().productKey());
          }
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
