// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/** Checks an upgrade of named devices, up to whether the firmware may go to them. The upgrade itself is not available yet. */
final class CreateOtaStaticUpgradeJob implements Operation {
  /** Which devices of the product. */
  enum Selection {
    ALL, SPECIFIC, GRAY, GROUP
  }

  private static final Parameter<Selection> SELECTION = Parameter.oneOf("TargetSelection", Selection.class).required();
  private static final ListParameter<DeviceName> TARGETS = ListParameter.of(Common.deviceName("TargetDeviceName"))
      .sized(new ListParameter.Bounds(0, 200, ErrorCode.NO_DEVICES, ErrorCode.INVALID_PARAMETER))
      .distinct(ErrorCode.DUPLICATED_DEVICE_NAME);
  private static final Parameter<String> GRAY_PERCENT = Parameter.text("GrayPercent", "a percentage, such as 33.33",
      Pattern.compile("(100(\\.0{1,2})?|[0-9]{1,2}(\\.[0-9]{1,2})?)%?"));
  private static final Parameter<String> SCHEDULE = Parameter.text("ScheduleTime", "milliseconds since 1970, 13 digits",
      Pattern.compile("[0-9]{13}"));
  private static final Parameter<String> SCHEDULE_END = Parameter.text("ScheduleFinishTime",
      "milliseconds since 1970, 13 digits", Pattern.compile("[0-9]{13}"));
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

  CreateOtaStaticUpgradeJob(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "CreateOTAStaticUpgradeJob";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.FIRMWARE_ID, Common.PRODUCT_KEY, SELECTION, TARGETS, GRAY_PERCENT, SCHEDULE, SCHEDULE_END,
        PER_MINUTE, OVERWRITE, RETRY_COUNT, RETRY_INTERVAL, TIMEOUT,
        NEED_PUSH, NEED_CONFIRM, MULTI_MODULE, Common.DOWNLOAD_PROTOCOL, UpgradeGate.SOURCE_VERSIONS, Common.TAGS);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.FIRMWARE_NOT_FOUND, ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.FIRMWARE_PRODUCT_MISMATCH,
        ErrorCode.DEVICE_NOT_FOUND, ErrorCode.FIRMWARE_NOT_VERIFIED, ErrorCode.API_NOT_AVAILABLE);
  }

  @Override
  public List<String> ignored() {
    return List.of("DnListFileUrl", "GroupId", "GroupType");
  }

  @Override
  public int callsPerSecond() {
    return 20;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var selection = arguments.get(SELECTION);
    var targets = arguments.get(TARGETS);
    if (selection == Selection.SPECIFIC && targets.isEmpty()) {
      throw RefusedException.unexpected(ErrorCode.NO_DEVICES, TARGETS.name(), "0 given",
          "1 to 200 with TargetSelection SPECIFIC");
    }
    if (selection == Selection.GRAY && arguments.find(GRAY_PERCENT) == null) {
      throw GatewayException.missing(GRAY_PERCENT.name());
    }
    Common.checkTags(arguments.get(Common.TAGS));
    return UpgradeGate.pass(views, arguments.get(Common.FIRMWARE_ID), arguments.get(Common.PRODUCT_KEY), targets,
        caller);
  }
}
