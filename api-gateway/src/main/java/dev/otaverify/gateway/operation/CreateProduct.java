// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Creates a product. Answers its key and secret. */
final class CreateProduct implements Operation {
  private static final Parameter<Integer> NODE_TYPE = Parameter.number("NodeType", 0, 1)
      .refusedWith(ErrorCode.INVALID_NODE_TYPE).required();
  private static final Parameter<Integer> DATA_FORMAT = Parameter.number("DataFormat", 0, 1).orElse(1);
  private static final Parameter<String> DESCRIPTION = Parameter.text("Description", 1, 100);

  private final Commands commands;
  private final Secrets secrets;

  CreateProduct(Commands commands, Secrets secrets) {
    this.commands = commands;
    this.secrets = secrets;
  }

  @Override
  public String action() {
    return "CreateProduct";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_NAME, NODE_TYPE, DATA_FORMAT, DESCRIPTION);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NAME_TAKEN);
  }

  @Override
  public List<String> ignored() {
    return List.of("AliyunCommodityCode", "AuthType", "CategoryKey", "Id2", "JoinPermissionId", "NetType",
        "ProtocolType", "PublishAuto", "ResourceGroupId", "ValidateType");
  }

  @Override
  public int callsPerSecond() {
    return 50;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var command = new Command.CreateProduct(caller.account(), ProductKey.of(caller.command()),
        arguments.get(Common.PRODUCT_NAME),
        arguments.get(NODE_TYPE), arguments.get(DATA_FORMAT), arguments.find(DESCRIPTION));
    return commands.send(command, caller).then(Mono.defer(() -> secrets.ofProduct(command.productKey())))
        .map(secret -> answer(command, secret));
  }

  private static Fields answer(Command.CreateProduct command, String secret) {
    return new Fields().with("ProductKey", command.productKey()).with("Data",
        new Fields().with("ProductKey", command.productKey()).with("ProductName", command.name())
            .with("ProductSecret", secret).with("NodeType", command.nodeType()).with("DataFormat", command.dataFormat())
            .with("Description", command.description()).with("AliyunCommodityCode", "iothub_senior")
            .with("AuthType", "secret").with("Id2", false));
  }
}
