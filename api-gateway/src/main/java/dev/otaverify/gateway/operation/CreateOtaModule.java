// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Adds a module to a product. */
final class CreateOtaModule implements Operation {
  private static final Parameter<String> ALIAS = Parameter.text("AliasName", 1, 64);
  private static final Parameter<String> DESCRIPTION = Parameter.text("Desc", 1, 100);

  private final Commands commands;

  CreateOtaModule(Commands commands) {
    this.commands = commands;
  }

  @Override
  public String action() {
    return "CreateOTAModule";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY, Common.MODULE_NAME, ALIAS, DESCRIPTION);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.MODULE_NAME_TAKEN, ErrorCode.TOO_MANY_MODULES);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return commands.send(new Command.CreateModule(caller.account(), arguments.get(Common.PRODUCT_KEY),
        arguments.get(Common.MODULE_NAME), arguments.find(ALIAS), arguments.find(DESCRIPTION)), caller)
        .thenReturn(new Fields());
  }
}
