// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Deletes a device that no running job is for. */
final class DeleteDevice implements Operation {
  private final Views views;
  private final Commands commands;

  DeleteDevice(Views views, Commands commands) {
    this.views = views;
    this.commands = commands;
  }

  @Override
  public String action() {
    return "DeleteDevice";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return DeviceParameters.ALL;
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.DEVICE_NOT_FOUND, ErrorCode.DEVICE_HAS_OPEN_TASK);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return DeviceParameters.meant(arguments, views, caller)
        .flatMap(device -> commands.send(
            new Command.DeleteDevice(caller.account(), device.productKey(), device.deviceName(), device.iotId()),
            caller))
        .map(at -> new Fields());
  }
}
