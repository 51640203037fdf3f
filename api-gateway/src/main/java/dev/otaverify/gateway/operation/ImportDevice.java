// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.IotId;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Takes over a device with the name and secret it already has. Ours, not the vendor's; may be repeated. */
final class ImportDevice implements Operation {
  private static final Parameter<DeviceName> DEVICE_NAME = Common.deviceName("DeviceName").required();
  private static final Parameter<String> SECRET = Parameter.secret("DeviceSecret").required();
  private static final Parameter<String> NICKNAME = Parameter.text("Nickname", 1, 64);

  private final Commands commands;
  private final Secrets secrets;

  ImportDevice(Commands commands, Secrets secrets) {
    this.commands = commands;
    this.secrets = secrets;
  }

  @Override
  public String action() {
    return "ImportDevice";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY, DEVICE_NAME, SECRET, NICKNAME);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.DEVICE_NAME_TAKEN, ErrorCode.SECRET_NOT_FOUND);
  }

  @Override
  public int callsPerSecond() {
    // Ours; whoever moves in brings thousands.
    return 200;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var key = arguments.get(Common.PRODUCT_KEY);
    var command = new Command.ImportDevice(caller.account(), key, arguments.get(DEVICE_NAME),
        IotId.of(key, caller.command()), arguments.find(NICKNAME));
    return secrets.stage(caller.command(), arguments.get(SECRET))
        .then(Mono.defer(() -> commands.send(command, caller))).map(at -> new Fields());
  }
}
