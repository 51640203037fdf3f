// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Cancels the tasks of a job that are in the named states. Those in others, and those that have ended, stay. */
final class CancelOtaTaskByJob implements Operation {
  private static final Parameter<Boolean> SCHEDULED = Parameter.flag("CancelScheduledTask");
  private static final Parameter<Boolean> QUEUED = Parameter.flag("CancelQueuedTask");
  private static final Parameter<Boolean> NOTIFIED = Parameter.flag("CancelNotifiedTask");
  private static final Parameter<Boolean> IN_PROGRESS = Parameter.flag("CancelInProgressTask");
  private static final Parameter<Boolean> UNCONFIRMED = Parameter.flag("CancelUnconfirmedTask");

  private final Views views;
  private final Commands commands;

  CancelOtaTaskByJob(Views views, Commands commands) {
    this.views = views;
    this.commands = commands;
  }

  @Override
  public String action() {
    return "CancelOTATaskByJob";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.JOB_ID, SCHEDULED, QUEUED, NOTIFIED, IN_PROGRESS, UNCONFIRMED);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.JOB_NOT_FOUND, ErrorCode.TASK_NOT_FOUND);
  }

  @Override
  public int callsPerSecond() {
    return 5;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var states = states(arguments);
    var job = arguments.get(Common.JOB_ID);
    return views.tasks(job, null, List.of(), 1, 100, caller).flatMap(page -> {
      var tasks = page.items().stream().filter(task -> states.contains(task.status())).map(TaskView::taskId).toList();
      return tasks.isEmpty()
          ? Mono.just(new Fields())
          : commands.send(new Command.CancelTasks(caller.account(), job.firmwareId(), tasks), caller)
              .thenReturn(new Fields());
    });
  }

  private static Set<TaskStatus> states(Arguments arguments) {
    var given = Stream.of(SCHEDULED, QUEUED, NOTIFIED, IN_PROGRESS, UNCONFIRMED)
        .filter(flag -> arguments.find(flag) != null).toList();
    if (given.isEmpty()) {
      throw RefusedException.unexpected(ErrorCode.INVALID_PARAMETER, "CancelScheduledTask", "absent, like the others",
          "at least one of CancelScheduledTask, CancelQueuedTask, CancelNotifiedTask, CancelInProgressTask,"
              + " CancelUnconfirmedTask");
    }
    var states = EnumSet.noneOf(TaskStatus.class);
    // No task of a verification is ever scheduled.
    add(states, arguments, QUEUED, TaskStatus.QUEUED);
    add(states, arguments, NOTIFIED, TaskStatus.NOTIFIED);
    add(states, arguments, IN_PROGRESS, TaskStatus.IN_PROGRESS);
    // The vendor's rule: unless it says otherwise, what waits for confirmation is among what is queued.
    add(states, arguments, arguments.find(UNCONFIRMED) == null ? QUEUED : UNCONFIRMED, TaskStatus.CONFIRM);
    return states;
  }

  private static void add(Set<TaskStatus> states, Arguments arguments, Parameter<Boolean> flag, TaskStatus status) {
    if (Boolean.TRUE.equals(arguments.find(flag))) {
      states.add(status);
    }
  }
}
