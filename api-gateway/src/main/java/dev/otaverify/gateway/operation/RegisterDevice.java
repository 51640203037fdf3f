// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.IotId;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** Registers a device of a product. Answers its secret. */
final class RegisterDevice implements Operation {
  private static final Parameter<DeviceName> DEVICE_NAME = Common.deviceName("DeviceName");
  private static final Parameter<String> NICKNAME = Parameter.text("Nickname", 1, 64);

  private final Commands commands;
  private final Secrets secrets;

  RegisterDevice(Commands commands, Secrets secrets) {
    this.commands = commands;
    this.secrets = secrets;
  }

  @Override
  public String action() {
    return "RegisterDevice";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY, DEVICE_NAME, NICKNAME);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.DEVICE_NAME_TAKEN);
  }

  @Override
  public List<String> ignored() {
    return List.of("AppKey", "DevEui", "JoinEui", "LoraNodeType", "PinCode");
  }

  @Override
  public int callsPerSecond() {
    return 30;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var product = arguments.get(Common.PRODUCT_KEY);
    var device = Objects.requireNonNullElseGet(arguments.find(DEVICE_NAME),
        () -> DeviceName.generated(caller.command()));
    var command = new Command.RegisterDevice(caller.account(), product, device, IotId.of(product, caller.command()),
        arguments.find(NICKNAME));
    return commands.send(command, caller).then(Mono.defer(() -> secrets.ofDevice(product, device)))
        .map(secret -> answer(command, secret));
  }

  private static Fields answer(Command.RegisterDevice command, String secret) {
    return new Fields().with("Data",
        new Fields().with("ProductKey", command.productKey()).with("DeviceName", command.deviceName())
            .with("DeviceSecret", secret).with("IotId", command.iotId()).with("Nickname", command.nickname()));
  }
}
