// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Answers all that is known of a device, with its secret. */
final class QueryDeviceDetail implements Operation {
  private final Views views;
  private final Secrets secrets;

  QueryDeviceDetail(Views views, Secrets secrets) {
    this.views = views;
    this.secrets = secrets;
  }

  @Override
  public String action() {
    return "QueryDeviceDetail";
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
            .map(known -> new Fields().with("Data", Common.device(view, known).with("Status", view.status())
                .with("FirmwareVersion", version(view)).with("IpAddress", view.address())
                .with("NodeType", view.nodeType()).with("Owner", true).with("Region", "local")
                .with("UtcCreate", view.createdAt()).with("GmtCreate", Common.gmt(view.createdAt()))
                .with("UtcActive", view.activatedAt()).with("GmtActive", Common.gmt(view.activatedAt()))
                .with("UtcOnline", view.onlineAt()).with("GmtOnline", Common.gmt(view.onlineAt())))));
  }

  /** That of the default module; null if the device never said. */
  private static @Nullable String version(DeviceView view) {
    return view.versions().stream().filter(version -> version.moduleName().equals(ModuleName.DEFAULT))
        .map(version -> version.version()).findFirst().orElse(null);
  }
}
