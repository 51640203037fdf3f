// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/** Creates a product. Answers its key and secret. */
final class CreateProduct implements Operation {
  private static final Pattern NAME_FORM = Pattern.compile("[\\p{IsHan}A-Za-z0-9_@()\\- ]+");
  private static final Parameter<String> NAME = Parameter
      .of("ProductName", "4 to 30 letters, digits, Chinese characters (each counts as 2), spaces or _ - @ ( )",
          CreateProduct::name)
      .refusedWith(ErrorCode.INVALID_PRODUCT_NAME).required();
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
    return List.of(NAME, NODE_TYPE, DATA_FORMAT, DESCRIPTION);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var command = new Command.CreateProduct(caller.account(), ProductKey.of(caller.command()), arguments.get(NAME),
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

  private static String name(String text) {
    int length = text.codePoints()
        .map(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN ? 2 : 1).sum();
    Parameter.require(length >= 4 && length <= 30 && NAME_FORM.matcher(text).matches());
    return text;
  }
}
