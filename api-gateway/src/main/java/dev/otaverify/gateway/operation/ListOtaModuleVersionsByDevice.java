// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Answers one page of the versions that a device said its modules run. */
final class ListOtaModuleVersionsByDevice implements Query {
  private static final Parameter<Integer> PAGE = Common.page().required();
  private static final Parameter<Integer> SIZE = Common.size(100).required();
  private static final List<Parameter<?>> PARAMETERS = Stream.<Parameter<?>>concat(DeviceParameters.ALL.stream(),
      Stream.of(PAGE, SIZE)).toList();

  private final Views views;

  ListOtaModuleVersionsByDevice(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "ListOTAModuleVersionsByDevice";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return PARAMETERS;
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.DEVICE_NOT_FOUND, ErrorCode.INVALID_PAGE);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    int number = arguments.get(PAGE);
    int size = arguments.get(SIZE);
    return DeviceParameters.view(arguments, views, caller).map(view -> {
      var page = new Page<>(view.versions().stream().skip((long) size * (number - 1)).limit(size).toList(), number,
          size, view.versions().size());
      return Common.paged(new Fields(), page).withWrapped("Data", "SimpleOTAModuleInfo",
          page.items().stream()
              .map(version -> new Fields().with("ModuleName", version.moduleName())
                  .with("ModuleVersion", version.version()).with("DeviceName", view.deviceName())
                  .with("IotId", view.iotId()).with("ProductKey", view.productKey()))
              .toList());
    });
  }
}
