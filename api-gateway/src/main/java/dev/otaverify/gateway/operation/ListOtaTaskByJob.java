// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers one page of the tasks of a job. */
final class ListOtaTaskByJob implements Query {
  private static final int DEEPEST = 100_000;
  private static final Parameter<TaskStatus> STATUS = Parameter.oneOf("TaskStatus", TaskStatus.class);
  // In the plural here, unlike everywhere else.
  private static final ListParameter<DeviceName> DEVICES = ListParameter.of(Common.deviceName("DeviceNames"))
      .sized(new ListParameter.Bounds(0, 100, ErrorCode.INVALID_PARAMETER, ErrorCode.INVALID_PARAMETER));
  private static final Parameter<Integer> PAGE = Parameter.number("CurrentPage", 1, DEEPEST)
      .refusedWith(ErrorCode.INVALID_PAGE).orElse(1);
  private static final Parameter<Integer> SIZE = Parameter.number("PageSize", 1, 100)
      .refusedWith(ErrorCode.INVALID_PAGE).orElse(10);

  private final Views views;
  private final OperationSettings settings;

  ListOtaTaskByJob(Views views, OperationSettings settings) {
    this.views = views;
    this.settings = settings;
  }

  @Override
  public String action() {
    return "ListOTATaskByJob";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.JOB_ID, STATUS, DEVICES, PAGE, SIZE);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.JOB_NOT_FOUND, ErrorCode.INVALID_PAGE);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    int page = arguments.get(PAGE);
    int size = arguments.get(SIZE);
    if ((long) page * size > DEEPEST) {
      throw RefusedException.unexpected(ErrorCode.INVALID_PAGE, "CurrentPage × PageSize", page + " × " + size,
          DEEPEST + " or less");
    }
    return views.tasks(arguments.get(Common.JOB_ID), arguments.find(STATUS), arguments.get(DEVICES), page, size, caller)
        .map(this::answer);
  }

  private Fields answer(Page<TaskView> page) {
    return Common.paged(new Fields(), page)
        .withWrapped("Data", "SimpleOTATaskInfo", page.items().stream().map(this::task).toList());
  }

  private Fields task(TaskView view) {
    return Common.task(view).with("Progress", view.progress() + ".00").with("TaskDesc", view.description())
        .with("Timeout", Long.toString(settings.minutes(view.timeout())));
  }
}
