// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Answers the tasks of a device that are in one state and have not ended, the newest first. */
final class ListOtaUnfinishedTaskByDevice implements Query {
  private static final Parameter<TaskStatus> STATUS = Parameter.of("TaskStatus",
      "one of CONFIRM, QUEUED, NOTIFIED, IN_PROGRESS", text -> {
        Parameter.require(Common.OPEN.stream().anyMatch(status -> status.name().equals(text)));
        return TaskStatus.valueOf(text);
      }).required();
  private static final Parameter<ModuleName> MODULE = Parameter.of("ModuleName", "1 to 64 letters, digits or . - _",
      ModuleName::new);
  private static final List<Parameter<?>> PARAMETERS = Stream.<Parameter<?>>concat(DeviceParameters.ALL.stream(),
      Stream.of(STATUS, MODULE)).toList();

  private final Views views;

  ListOtaUnfinishedTaskByDevice(Views views) {
    this.views = views;
  }

  @Override
  public String action() {
    return "ListOTAUnfinishedTaskByDevice";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return PARAMETERS;
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.DEVICE_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var status = arguments.get(STATUS);
    return DeviceParameters.view(arguments, views, caller)
        .flatMap(device -> views.openTasks(device.productKey(), device.deviceName(), status, arguments.find(MODULE),
            caller))
        .map(tasks -> new Fields().withWrapped("Data", "SimpleOTATaskInfo",
            tasks.stream().map(ListOtaUnfinishedTaskByDevice::task).toList()));
  }

  private static Fields task(TaskView view) {
    return Common.task(view).with("ModuleName", view.moduleName());
  }
}
