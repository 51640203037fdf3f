// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Answers for several devices whether they are online. One that does not exist is left out. */
final class BatchGetDeviceState implements Query {
  private static final ListParameter.Bounds UP_TO_50 = new ListParameter.Bounds(0, 50, ErrorCode.NO_DEVICES,
      ErrorCode.INVALID_PARAMETER);
  private static final Parameter<ProductKey> PRODUCT_KEY = Common.optionalProductKey();
  private static final ListParameter<DeviceName> NAMES = ListParameter.of(Common.deviceName("DeviceName"))
      .sized(UP_TO_50);
  private static final ListParameter<IotId> IOT_IDS = ListParameter.of(Common.iotId("IotId")).sized(UP_TO_50);

  private final Views views;

  BatchGetDeviceState(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "BatchGetDeviceState";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(PRODUCT_KEY, NAMES, IOT_IDS);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.PRODUCT_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var iotIds = arguments.get(IOT_IDS);
    var names = arguments.get(NAMES);
    if (iotIds.isEmpty() && names.isEmpty()) {
      throw RefusedException.unexpected(ErrorCode.NO_DEVICES, NAMES.name(), "none, and no IotId.N",
          "1 to 50 devices, by DeviceName.N with ProductKey or by IotId.N");
    }
    Flux<DeviceView> found;
    if (iotIds.isEmpty()) {
      @Nullable
      ProductKey key = arguments.find(PRODUCT_KEY);
      if (key == null) {
        throw GatewayException.missing(PRODUCT_KEY.name());
      }
      found = views.devices(key, names, caller).flatMapIterable(devices -> devices);
    } else {
      var byProduct = iotIds.stream().collect(Collectors.groupingBy(IotId::productKey, TreeMap::new, Collectors
          .toList()));
      found = Flux.fromIterable(byProduct.entrySet())
          .concatMap(ofOne -> views.devicesOf(ofOne.getKey(), ofOne.getValue(), caller)
              .flatMapIterable(devices -> devices));
    }
    return found.map(BatchGetDeviceState::state).collectList()
        .map(states -> new Fields().withWrapped("DeviceStatusList", "DeviceStatus", states));
  }

  private static Fields state(DeviceView view) {
    return new Fields().with("DeviceName", view.deviceName()).with("IotId", view.iotId()).with("Status", view.status())
        .with("LastOnlineTime", view.onlineAt()).with("AsAddress", view.address());
  }
}
