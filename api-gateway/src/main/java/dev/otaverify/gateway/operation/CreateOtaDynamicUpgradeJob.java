// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Checks an upgrade of whatever devices come, up to whether the firmware may go to them. The upgrade itself is not available yet. */
final class CreateOtaDynamicUpgradeJob implements Operation {
  private static final Parameter<Integer> DYNAMIC_MODE = Parameter.number("DynamicMode", 1, 2);
  private static final Parameter<Integer> PER_MINUTE = Parameter.number("MaximumPerMinute", 10, 10_000);
  private static final Parameter<Integer> OVERWRITE = Parameter.number("OverwriteMode", 1, 2);
  private static final Parameter<Integer> RETRY_COUNT = UpgradeGate.oneOf("RetryCount", 1, 2, 5);
  private static final Parameter<Integer> RETRY_INTERVAL = UpgradeGate.oneOf("RetryInterval", 0, 10, 30, 60, 1440);
  private static final Parameter<Integer> TIMEOUT = Parameter.number("TimeoutInMinutes", 1, 1440)
      .refusedWith(ErrorCode.INVALID_TIMEOUT);
  private static final Parameter<Boolean> NEED_PUSH = Parameter.flag("NeedPush");
  private static final Parameter<Boolean> NEED_CONFIRM = Parameter.flag("NeedConfirm");
  private static final Parameter<Boolean> MULTI_MODULE = Parameter.flag("MultiModuleMode");

  private final Views views;

  CreateOtaDynamicUpgradeJob(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "CreateOTADynamicUpgradeJob";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.FIRMWARE_ID, Common.PRODUCT_KEY, DYNAMIC_MODE, PER_MINUTE, OVERWRITE, RETRY_COUNT,
        RETRY_INTERVAL, TIMEOUT,
        NEED_PUSH, NEED_CONFIRM, MULTI_MODULE, Common.DOWNLOAD_PROTOCOL, UpgradeGate.SOURCE_VERSIONS, Common.TAGS);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.FIRMWARE_NOT_FOUND, ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.FIRMWARE_PRODUCT_MISMATCH,
        ErrorCode.FIRMWARE_NOT_VERIFIED, ErrorCode.API_NOT_AVAILABLE);
  }

  @Override
  public List<String> ignored() {
    return List.of("GroupId", "GroupType");
  }

  @Override
  public int callsPerSecond() {
    return 20;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    Common.checkTags(arguments.get(Common.TAGS));
    return UpgradeGate.pass(views, arguments.get(Common.FIRMWARE_ID), arguments.get(Common.PRODUCT_KEY), List.of(),
        caller);
  }
}
