// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers whether a device is online, as the MQTT broker reported, and since when. */
final class GetDeviceStatus implements Query {
  private final Views views;

  GetDeviceStatus(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "GetDeviceStatus";
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
    return DeviceParameters.view(arguments, views, caller).map(view -> new Fields().with("Data",
        new Fields().with("Status", view.status()).with("Timestamp", view.statusAt().toEpochMilli())));
  }
}
