// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers one page of the firmware of the account, the newest first. */
final class ListOtaFirmware implements Query {
  private static final Parameter<Integer> PAGE = Common.page().required();
  private static final Parameter<Integer> SIZE = Common.size(100).required();
  private static final Parameter<ProductKey> PRODUCT_KEY = Common.optionalProductKey();
  private static final Parameter<String> VERSION = Parameter.text("DestVersion", 1, 64);

  private final Views views;

  ListOtaFirmware(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "ListOTAFirmware";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(PAGE, SIZE, PRODUCT_KEY, VERSION);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.INVALID_PAGE);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return views.firmware(arguments.find(PRODUCT_KEY), arguments.find(VERSION), arguments.get(PAGE),
        arguments.get(SIZE), caller)
        .map(page -> Common.paged(new Fields(), page).withWrapped("FirmwareInfo", "SimpleFirmwareInfo",
            page.items().stream().map(Common::firmware).toList()));
  }
}
