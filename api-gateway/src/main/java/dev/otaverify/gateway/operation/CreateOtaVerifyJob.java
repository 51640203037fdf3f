// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.JobId;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Has a firmware verified on up to ten devices. */
final class CreateOtaVerifyJob implements Operation {
  private static final ListParameter<DeviceName> TARGETS = ListParameter.of(Common.deviceName("TargetDeviceName"))
      // The spelling of the documents of 2019.
      .alsoNamed("TargetDeviceNames")
      .sized(new ListParameter.Bounds(1, Command.CreateVerifyJob.MAX_TARGETS, ErrorCode.NO_DEVICES,
          ErrorCode.TOO_MANY_DEVICES))
      .distinct(ErrorCode.DUPLICATED_DEVICE_NAME);
  private static final Parameter<Boolean> NEED_PUSH = Parameter.flag("NeedPush").orElse(true);
  private static final Parameter<Boolean> NEED_CONFIRM = Parameter.flag("NeedConfirm").orElse(false);

  private final Commands commands;
  private final OperationSettings settings;
  private final Parameter<Integer> timeout;

  CreateOtaVerifyJob(Commands commands, OperationSettings settings) {
    this.commands = commands;
    this.settings = settings;
    this.timeout = Parameter.number("TimeoutInMinutes", 1, 1440).refusedWith(ErrorCode.INVALID_TIMEOUT)
        .orElse(settings.defaultTimeoutMinutes());
  }

  @Override
  public String action() {
    return "CreateOTAVerifyJob";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.FIRMWARE_ID, Common.PRODUCT_KEY, TARGETS, timeout, NEED_PUSH, NEED_CONFIRM,
        Common.DOWNLOAD_PROTOCOL, Common.TAGS);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.FIRMWARE_NOT_FOUND, ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.FIRMWARE_PRODUCT_MISMATCH,
        ErrorCode.FIRMWARE_NEEDS_NO_VERIFICATION, ErrorCode.FIRMWARE_IS_VERIFYING, ErrorCode.FIRMWARE_ALREADY_VERIFIED,
        ErrorCode.DEVICE_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var firmware = arguments.get(Common.FIRMWARE_ID);
    var command = new Command.CreateVerifyJob(caller.account(), firmware, JobId.of(firmware, caller.command()),
        arguments.get(Common.PRODUCT_KEY), arguments.get(TARGETS),
        settings.timeoutUnit().multipliedBy(arguments.get(timeout)), arguments.get(NEED_PUSH),
        arguments.get(NEED_CONFIRM), Common.checkTags(arguments.get(Common.TAGS)));
    return commands.send(command, caller)
        .map(at -> new Fields().with("Data", new Fields().with("JobId", command.jobId()).with("UtcCreate", at)));
  }
}
