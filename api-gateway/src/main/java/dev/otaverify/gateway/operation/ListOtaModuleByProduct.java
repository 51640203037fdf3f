// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.query.ModuleView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers the modules of a product besides the default one, the oldest first. */
final class ListOtaModuleByProduct implements Query {
  private final Views views;

  ListOtaModuleByProduct(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "ListOTAModuleByProduct";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return views.modules(arguments.get(Common.PRODUCT_KEY), caller)
        .map(modules -> new Fields().with("Data", modules.stream().map(ListOtaModuleByProduct::module).toList()));
  }

  private static Fields module(ModuleView view) {
    return new Fields().with("ModuleName", view.moduleName()).with("ProductKey", view.productKey())
        .with("AliasName", view.aliasName()).with("Desc", view.description())
        .with("GmtCreate", Common.gmt(view.createdAt())).with("GmtModified", Common.gmt(view.modifiedAt()));
  }
}
