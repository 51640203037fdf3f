// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers what is known of a product, with its secret. */
final class QueryProduct implements Operation {
  private final Views views;
  private final Secrets secrets;

  QueryProduct(Views views, Secrets secrets) {
    this.views = views;
    this.secrets = secrets;
  }

  @Override
  public String action() {
    return "QueryProduct";
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
    var key = arguments.get(Common.PRODUCT_KEY);
    return views.product(key, caller).flatMap(view -> secrets.ofProduct(key)
        .onErrorMap(away -> GatewayException.unavailable("job-service"))
        .map(secret -> new Fields().with("Data", Common.product(view).with("ProductSecret", secret)
            .with("AliyunCommodityCode", "iothub_senior").with("AuthType", "secret").with("Id2", false)
            .with("Owner", true).with("ProductStatus", "DEVELOPMENT_STATUS"))));
  }
}
