// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Deletes a product that has neither devices nor firmware. */
final class DeleteProduct implements Operation {
  private final Commands commands;

  DeleteProduct(Commands commands) {
    this.commands = commands;
  }

  @Override
  public String action() {
    return "DeleteProduct";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.PRODUCT_NOT_EMPTY);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return commands.send(new Command.DeleteProduct(caller.account(), arguments.get(Common.PRODUCT_KEY)), caller)
        .thenReturn(new Fields());
  }
}
