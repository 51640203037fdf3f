// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** {@code EnableThing} and {@code DisableThing}: lets a device log in, or bars it from that. */
final class SetThingEnabled implements Operation {
  private final Views views;
  private final Commands commands;
  private final boolean enabled;

  SetThingEnabled(Views views, Commands commands, boolean enabled) {
    this.views = views;
    this.commands = commands;
    this.enabled = enabled;
  }

  @Override
  public String action() {
    return enabled ? "EnableThing" : "DisableThing";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return DeviceParameters.ALL;
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.DEVICE_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return DeviceParameters.meant(arguments, views, caller)
        .flatMap(device -> commands
            .send(new Command.SetDeviceEnabled(caller.account(), device.productKey(), device.deviceName(),
                device.iotId(), enabled), caller))
        .map(at -> new Fields());
  }
}
