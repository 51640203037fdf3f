// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers how a device is named, with its secret. */
final class QueryDeviceInfo implements Operation {
  private final Views views;
  private final Secrets secrets;

  QueryDeviceInfo(Views views, Secrets secrets) {
    this.views = views;
    this.secrets = secrets;
  }

  @Override
  public String action() {
    return "QueryDeviceInfo";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return DeviceParameters.ALL;
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.DEVICE_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return DeviceParameters.view(arguments, views, caller)
        .flatMap(view -> secrets.ofDevices(view.productKey(), List.of(view.deviceName()))
            .map(known -> new Fields().with("Data", Common.device(view, known))));
  }
}
