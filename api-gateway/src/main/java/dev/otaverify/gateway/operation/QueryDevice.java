// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/** Answers one page of the devices of a product, the newest first, with their secrets. */
final class QueryDevice implements Operation {
  private static final Parameter<Integer> PAGE = Common.page().orElse(1);
  private static final Parameter<Integer> SIZE = Common.size(50).orElse(10);

  private final Views views;
  private final Secrets secrets;

  QueryDevice(Views views, Secrets secrets) {
    this.views = views;
    this.secrets = secrets;
  }

  @Override
  public String action() {
    return "QueryDevice";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.PRODUCT_KEY, PAGE, SIZE);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.INVALID_PAGE);
  }

  @Override
  public List<String> ignored() {
    return List.of("NextToken");
  }

  @Override
  public int callsPerSecond() {
    return 50;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var key = arguments.get(Common.PRODUCT_KEY);
    return views.devices(key, arguments.get(PAGE), arguments.get(SIZE), caller)
        .flatMap(page -> secrets.ofDevices(key, page.items().stream().map(DeviceView::deviceName).toList())
            .map(known -> Common.paged(new Fields(), page).with("Page", page.number()).withWrapped("Data", "DeviceInfo",
                page.items().stream().map(view -> device(view, known)).toList())));
  }

  private static Fields device(DeviceView view, Map<String, String> secrets) {
    return new Fields().with("DeviceName", view.deviceName()).with("ProductKey", view.productKey())
        .with("IotId", view.iotId()).with("Nickname", view.nickname())
        .with("DeviceSecret", secrets.get(view.deviceName().value())).with("DeviceStatus", view.status())
        .with("UtcCreate", view.createdAt()).with("GmtCreate", Common.gmt(view.createdAt()))
        .with("UtcModified", view.modifiedAt()).with("GmtModified", Common.gmt(view.modifiedAt()));
  }
}
