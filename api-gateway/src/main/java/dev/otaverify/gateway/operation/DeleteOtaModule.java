// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Deletes a module that no firmware is for. */
final class DeleteOtaModule implements Operation {
  private final Commands commands;

  DeleteOtaModule(Commands commands) {
    this.commands = commands;
  }

  @Override
  public String action() {
    return "DeleteOTAModule";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY, Common.MODULE_NAME);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.MODULE_NOT_FOUND, ErrorCode.MODULE_IN_USE);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return commands.send(new Command.DeleteModule(caller.account(), arguments.get(Common.PRODUCT_KEY),
        arguments.get(Common.MODULE_NAME)), caller).thenReturn(new Fields());
  }
}
