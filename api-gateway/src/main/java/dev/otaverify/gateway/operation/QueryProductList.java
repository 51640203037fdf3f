// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers one page of the products of the account, the newest first. */
final class QueryProductList implements Query {
  private static final Parameter<Integer> PAGE = Common.page().required();
  private static final Parameter<Integer> SIZE = Common.size(200).required();

  private final Views views;

  QueryProductList(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "QueryProductList";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(PAGE, SIZE);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.INVALID_PAGE);
  }

  @Override
  public List<String> ignored() {
    return List.of("AliyunCommodityCode", "ResourceGroupId");
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return views.products(arguments.get(PAGE), arguments.get(SIZE), caller).map(page -> new Fields().with("Data",
        Common.paged(new Fields(), page).withWrapped("List", "ProductInfo",
            page.items().stream().map(Common::product).toList())));
  }
}
