// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.dispatcher.device.DeviceTask;
import dev.otaverify.dispatcher.device.DeviceTask.Outcome;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row of {@code device_task}. */
record TaskRow(TaskId taskId, ProductKey productKey, DeviceName deviceName, ModuleName moduleName, TaskStatus status,
    @Nullable Instant deadlineAt, @Nullable Instant nextPushAt, int pushAttempts, @Nullable Instant notifiedAt,
    @Nullable Integer percent, @Nullable String description, TaskFailed.@Nullable Reason reason, AssignTask assignment,
    long eventNumber, @Nullable String trace) {

  static final Table<TaskRow> TABLE = Table.of("device_task", TaskRow.class, "task_id");
  static final Table<Change> CHANGES = Table.of("device_task", Change.class, "task_id");

  /** What may change in a row. Its assignment, much the larger part, stays as it came. */
  record Change(TaskId taskId, TaskStatus status, @Nullable Instant deadlineAt, @Nullable Instant nextPushAt,
      int pushAttempts, @Nullable Instant notifiedAt, @Nullable Integer percent, @Nullable String description,
      TaskFailed.@Nullable Reason reason, long eventNumber) {}

  /**
   * What is kept of a task besides its state.
   *
   * @param number of the last event about it
   * @param trace that it was assigned in, as a traceparent
   */
  record Kept(long number, @Nullable String trace) {}

  static TaskRow of(DeviceTask task, Kept kept) {
    return switch (task) {
      case DeviceTask.Confirming t -> open(t, TaskStatus.CONFIRM, null, 0, null, null, null, kept);
      case DeviceTask.Queued t -> open(t, TaskStatus.QUEUED, t.nextPushAt(), 0, null, null, null, kept);
      case DeviceTask.Notified t ->
        open(t, TaskStatus.NOTIFIED, t.nextPushAt(), t.attempts(), t.notifiedAt(), null, null, kept);
      case DeviceTask.InProgress t ->
        open(t, TaskStatus.IN_PROGRESS, null, t.attempts(), null, t.percent(), t.description(), kept);
      case DeviceTask.Ended t -> switch (t.outcome()) {
        case Outcome.Succeeded o -> ended(t, TaskStatus.SUCCEEDED, null, null, kept);
        case Outcome.Failed o -> ended(t, TaskStatus.FAILED, o.reason(), o.description(), kept);
        case Outcome.Canceled o -> ended(t, TaskStatus.CANCELED, null, null, kept);
      };
    };
  }

  DeviceTask toTask() {
    return switch (status) {
      case CONFIRM -> new DeviceTask.Confirming(assignment);
      case QUEUED -> new DeviceTask.Queued(assignment, nextPushAt);
      case NOTIFIED -> new DeviceTask.Notified(assignment, pushAttempts, present("notified_at", notifiedAt),
          nextPushAt);
      case IN_PROGRESS -> new DeviceTask.InProgress(assignment, pushAttempts, present("percent", percent),
          present("description", description), present("deadline_at", deadlineAt));
      case SUCCEEDED -> new DeviceTask.Ended(assignment, new Outcome.Succeeded());
      case FAILED -> new DeviceTask.Ended(assignment,
          new Outcome.Failed(present("reason", reason), present("description", description)));
      case CANCELED -> new DeviceTask.Ended(assignment, new Outcome.Canceled());
    };
  }

  Change change() {
    return new Change(taskId, status, deadlineAt, nextPushAt, pushAttempts, notifiedAt, percent, description, reason,
        eventNumber);
  }

  private static TaskRow open(DeviceTask.Open task, TaskStatus status, @Nullable Instant nextPushAt, int attempts,
      @Nullable Instant notifiedAt, @Nullable Integer percent, @Nullable String description, Kept kept) {
    return row(task, status, task.deadline(), nextPushAt, attempts, notifiedAt, percent, description, null, kept);
  }

  private static TaskRow ended(DeviceTask task, TaskStatus status, TaskFailed.@Nullable Reason reason,
      @Nullable String description, Kept kept) {
    return row(task, status, null, null, 0, null, null, description, reason, kept);
  }

  private static TaskRow row(DeviceTask task, TaskStatus status, @Nullable Instant deadlineAt,
      @Nullable Instant nextPushAt, int attempts, @Nullable Instant notifiedAt, @Nullable Integer percent,
      @Nullable String description, TaskFailed.@Nullable Reason reason, Kept kept) {
    var assignment = task.assignment();
    return new TaskRow(assignment.taskId(), assignment.device().productKey(), assignment.device().deviceName(),
        assignment.firmware().moduleName(), status, deadlineAt, nextPushAt, attempts, notifiedAt, percent, description,
        reason, assignment, kept.number(), kept.trace());
  }

  private <V> V present(String column, @Nullable V value) {
    if (value == null) {
      throw new IllegalStateException("%s: null (expected: a value, task %s is %s)".formatted(column, taskId, status));
    }
    return value;
  }
}
