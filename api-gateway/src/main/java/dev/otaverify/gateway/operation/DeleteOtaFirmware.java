// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Deletes a firmware that is not being verified, and its jobs with it. */
final class DeleteOtaFirmware implements Operation {
  private final Commands commands;

  DeleteOtaFirmware(Commands commands) {
    this.commands = commands;
  }

  @Override
  public String action() {
    return "DeleteOTAFirmware";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.FIRMWARE_ID);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.FIRMWARE_NOT_FOUND, ErrorCode.FIRMWARE_IS_VERIFYING);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return commands.send(new Command.DeleteFirmware(caller.account(), arguments.get(Common.FIRMWARE_ID)), caller)
        .thenReturn(new Fields());
  }
}
