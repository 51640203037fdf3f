// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ClientCommand;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.Commands;
import dev.otaverify.gateway.operation.NotFound;
import dev.otaverify.gateway.operation.Views;
import java.time.Instant;
import reactor.core.publisher.Mono;

/** Sends only what is about products that there are for the caller. */
public final class LimitedCommands implements Commands {
  private final Commands commands;
  private final Views views;

  /** @param views of the whole account */
  public LimitedCommands(Commands commands, Views views) {
    this.commands = commands;
    this.views = views;
  }

  @Override
  public Mono<Instant> send(ClientCommand command, Caller caller) {
    return caller.permissions().products() == null
        ? commands.send(command, caller)
        : check(command, caller).then(Mono.defer(() -> commands.send(command, caller)));
  }

  private Mono<Void> check(ClientCommand command, Caller caller) {
    return switch (command) {
      case Command.CreateProduct it -> Mono.error(new GatewayException(403, "Forbidden.RAM",
          "User not authorized to operate on the specified resource: a user who is limited to products creates none.",
          ""));
      case Command.ImportProduct it -> product(it.productKey(), caller);
      case Command.UpdateProduct it -> product(it.productKey(), caller);
      case Command.DeleteProduct it -> product(it.productKey(), caller);
      case Command.RegisterDevice it -> product(it.productKey(), caller);
      case Command.ImportDevice it -> product(it.productKey(), caller);
      case Command.DeleteDevice it -> product(it.productKey(), caller);
      case Command.SetDeviceEnabled it -> product(it.productKey(), caller);
      case Command.CreateModule it -> product(it.productKey(), caller);
      case Command.UpdateModule it -> product(it.productKey(), caller);
      case Command.DeleteModule it -> product(it.productKey(), caller);
      case Command.CreateFirmware it -> product(it.spec().productKey(), caller);
      // The refusal of a firmware of another product would tell that it exists.
      case Command.CreateVerifyJob it -> product(it.productKey(), caller).then(firmware(it.firmwareId(), caller));
      case Command.DeleteFirmware it -> firmware(it.firmwareId(), caller);
      case Command.ConfirmTasks it -> firmware(it.firmwareId(), caller);
      case Command.CancelTasks it -> firmware(it.firmwareId(), caller);
    };
  }

  private static Mono<Void> product(ProductKey key, Caller caller) {
    return caller.permissions().maySee(key) ? Mono.empty() : Mono.error(NotFound.product(key));
  }

  private Mono<Void> firmware(FirmwareId id, Caller caller) {
    // What does not exist at all is job-service's to refuse; or to answer, when it was deleted by this very request before.
    return views.firmware(id, caller).onErrorResume(RefusedException.class, none -> Mono.empty())
        .flatMap(view -> caller.permissions().maySee(view.spec().productKey())
            ? Mono.<Void>empty()
            : Mono.error(NotFound.firmware(id)));
  }
}
