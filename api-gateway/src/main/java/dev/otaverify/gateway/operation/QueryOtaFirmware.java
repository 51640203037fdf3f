// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers what is known of a firmware, and so whether it is verified. */
final class QueryOtaFirmware implements Query {
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
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.FIRMWARE_NOT_FOUND);
  }

  @Override
  public int callsPerSecond() {
    return 20;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return views.firmware(arguments.get(Common.FIRMWARE_ID), caller)
        .map(view -> new Fields().with("FirmwareInfo", firmware(view)));
  }

  private static Fields firmware(FirmwareView view) {
    return Common.firmware(view).with("VerifyProgress", view.verifyProgress())
        .with("FirmwareUrl", view.spec().file().url()).with("MultiFiles", List.of()).with("Udi", view.spec().udi());
  }
}
