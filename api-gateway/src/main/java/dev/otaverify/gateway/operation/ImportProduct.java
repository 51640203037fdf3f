// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Takes over a product with the key and secret it already has. Ours, not the vendor's; may be repeated. */
final class ImportProduct implements Operation {
  private static final Parameter<String> SECRET = Parameter.secret("ProductSecret").required();
  private static final Parameter<Integer> NODE_TYPE = Parameter.number("NodeType", 0, 1)
      .refusedWith(ErrorCode.INVALID_NODE_TYPE).orElse(0);
  private static final Parameter<Integer> DATA_FORMAT = Parameter.number("DataFormat", 0, 1).orElse(1);
  private static final Parameter<String> DESCRIPTION = Parameter.text("Description", 1, 100);

  private final Commands commands;
  private final Secrets secrets;

  ImportProduct(Commands commands, Secrets secrets) {
    this.commands = commands;
    this.secrets = secrets;
  }

  @Override
  public String action() {
    return "ImportProduct";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY, Common.PRODUCT_NAME, SECRET, NODE_TYPE, DATA_FORMAT, DESCRIPTION);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_KEY_TAKEN, ErrorCode.PRODUCT_NAME_TAKEN, ErrorCode.SECRET_NOT_FOUND);
  }

  @Override
  public int callsPerSecond() {
    // Ours; whoever moves in brings thousands.
    return 200;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var command = new Command.ImportProduct(caller.account(), arguments.get(Common.PRODUCT_KEY),
        arguments.get(Common.PRODUCT_NAME), arguments.get(NODE_TYPE), arguments.get(DATA_FORMAT),
        arguments.find(DESCRIPTION));
    return secrets.stage(caller.command(), arguments.get(SECRET))
        .then(Mono.defer(() -> commands.send(command, caller))).map(at -> new Fields());
  }
}
