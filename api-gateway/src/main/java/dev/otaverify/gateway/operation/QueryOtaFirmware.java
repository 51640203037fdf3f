// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers what is known of a firmware, and so whether it is verified. */
final class QueryOtaFirmware implements Operation {
  private final Views views;

  QueryOtaFirmware(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "QueryOTAFirmware";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.FIRMWARE_ID);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return views.firmware(arguments.get(Common.FIRMWARE_ID), caller)
        .map(view -> new Fields().with("FirmwareInfo", firmware(view)));
  }

  private static Fields firmware(FirmwareView view) {
    var spec = view.spec();
    var file = spec.file();
    return new Fields().with("FirmwareId", view.firmwareId()).with("FirmwareName", spec.name())
        .with("FirmwareDesc", spec.description()).with("ProductKey", spec.productKey())
        .with("ProductName", view.productName()).with("ModuleName", spec.moduleName())
        .with("SrcVersion", spec.srcVersion()).with("DestVersion", spec.destVersion())
        .with("Type", type(spec.type())).with("Status", view.status().code())
        .with("VerifyProgress", view.verifyProgress()).with("FirmwareUrl", file.url()).with("FirmwareSize", file.size())
        .with("FirmwareSign", file.sign()).with("SignMethod", file.signMethod()).with("MultiFiles", List.of())
        .with("Udi", spec.udi()).with("UtcCreate", view.createdAt()).with("UtcModified", view.modifiedAt());
  }

  private static int type(FirmwareSpec.Type type) {
    return switch (type) {
      case FULL -> 0;
      case DELTA -> 1;
    };
  }
}
