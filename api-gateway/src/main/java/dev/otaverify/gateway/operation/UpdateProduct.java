// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Changes the name and the description of a product. */
final class UpdateProduct implements Operation {
  private static final Parameter<String> DESCRIPTION = Parameter.text("Description", 1, 100);

  private final Commands commands;

  UpdateProduct(Commands commands) {
    this.commands = commands;
  }

  @Override
  public String action() {
    return "UpdateProduct";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY, Common.PRODUCT_NAME, DESCRIPTION);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.PRODUCT_NAME_TAKEN);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return commands.send(new Command.UpdateProduct(caller.account(), arguments.get(Common.PRODUCT_KEY),
        arguments.get(Common.PRODUCT_NAME), arguments.find(DESCRIPTION)), caller).thenReturn(new Fields());
  }
}
