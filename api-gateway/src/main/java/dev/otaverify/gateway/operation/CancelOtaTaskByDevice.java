// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Cancels the open tasks that devices have of a firmware. */
final class CancelOtaTaskByDevice implements Operation {
  private static final ListParameter<DeviceName> DEVICES = ListParameter.of(Common.deviceName("DeviceName"))
      .sized(new ListParameter.Bounds(1, 200, ErrorCode.NO_DEVICES, ErrorCode.INVALID_PARAMETER));
  private static final Parameter<JobId> JOB_ID = Parameter.of("JobId", "the id of a job", JobId::new)
      .refusedWith(ErrorCode.JOB_NOT_FOUND);

  private final Views views;
  private final Commands commands;

  CancelOtaTaskByDevice(Views views, Commands commands) {
    this.views = views;
    this.commands = commands;
  }

  @Override
  public String action() {
    return "CancelOTATaskByDevice";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.FIRMWARE_ID, Common.PRODUCT_KEY, DEVICES, JOB_ID);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.FIRMWARE_NOT_FOUND, ErrorCode.PRODUCT_NOT_FOUND, ErrorCode.DEVICE_NOT_FOUND,
        ErrorCode.JOB_NOT_FOUND, ErrorCode.NO_OPEN_TASK);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var firmware = arguments.get(Common.FIRMWARE_ID);
    var key = arguments.get(Common.PRODUCT_KEY);
    var names = arguments.get(DEVICES);
    return views.devices(key, names, caller).flatMap(found -> {
      var missing = names.stream()
          .filter(name -> found.stream().noneMatch(device -> device.deviceName().equals(name))).toList();
      return missing.isEmpty()
          ? job(firmware, arguments.find(JOB_ID), caller)
          : Mono.error(RefusedException.unexpected(ErrorCode.DEVICE_NOT_FOUND, DEVICES.name(), missing.toString(),
              "devices of product " + key));
    }).flatMap(job -> views.tasks(job, null, List.of(), 1, 100, caller)).map(Page::items).defaultIfEmpty(List.of())
        .flatMap(tasks -> {
          var open = tasks.stream()
              .filter(task -> names.contains(task.deviceName()) && task.productKey().equals(key)
                  && Common.OPEN.contains(task.status()))
              .map(TaskView::taskId).toList();
          return open.isEmpty()
              ? Mono.error(RefusedException.unexpected(ErrorCode.NO_OPEN_TASK, DEVICES.name(), names.toString(),
                  "devices with a task of firmware " + firmware + " that has not ended"))
              : commands.send(new Command.CancelTasks(caller.account(), firmware, open), caller)
                  .thenReturn(new Fields());
        });
  }

  /** Of a firmware only the newest job can have open tasks. */
  private Mono<JobId> job(FirmwareId firmware, @Nullable JobId named, Caller caller) {
    if (named != null && !named.firmwareId().equals(firmware)) {
      return Mono.error(RefusedException.unexpected(ErrorCode.JOB_NOT_FOUND, JOB_ID.name(), named.value(),
          "a job of firmware " + firmware));
    }
    return named == null
        ? views.jobs(firmware, null, 1, 1, caller).flatMapIterable(Page::items).next().map(JobView::jobId)
        : Mono.just(named);
  }
}
