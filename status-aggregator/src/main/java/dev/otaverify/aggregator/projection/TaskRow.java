// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.aggregator.verification.Fate;
import dev.otaverify.aggregator.verification.Verification.Task;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent.TaskCanceled;
import dev.otaverify.contracts.FirmwareEvent.TaskConfirmed;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskNotified;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A device's task as it is known; with its job it makes the view.
 *
 * @param reason why it failed; null unless it did
 * @param dispatcherNumber of the last event applied
 * @param historyLength entries of its history, with that of its creation
 */
public record TaskRow(TaskId taskId, JobId jobId, DeviceName deviceName, IotId iotId, @Nullable String sourceVersion,
    TaskStatus status, int progress, @Nullable String reason, String description, Instant createdAt, Instant modifiedAt,
    long dispatcherNumber, int historyLength) {
  // What follows on the stem of the job, 28 characters: the number of the task and 01, as TaskId has it.
  private static final String FIRST = "00000001";
  private static final String LAST = "99999901";

  static final Table<TaskRow> TABLE = Table.of("task", TaskRow.class, "task_id");

  /**
   * The condition, in SQL, that a row of {@code task} is of the job.
   *
   * @param job an expression, its id
   */
  public static String isOf(String job) {
    return "task_id between left(%1$s, 28) || '%2$s' and left(%1$s, 28) || '%3$s'".formatted(job, FIRST, LAST);
  }

  static List<TaskRow> of(VerifyJobCreated event) {
    var status = event.needConfirm() ? TaskStatus.CONFIRM : TaskStatus.QUEUED;
    return event.targets().stream().map(target -> new TaskRow(target.taskId(), event.jobId(), target.deviceName(),
        target.iotId(), null, status, 0, null, "", event.at(), event.at(), 0, 1)).toList();
  }

  /** As the verdict sees it. */
  Task task() {
    return new Task(deviceName, switch (status) {
      case CONFIRM, QUEUED, NOTIFIED, IN_PROGRESS -> new Fate.Open();
      case SUCCEEDED -> new Fate.Succeeded();
      case FAILED -> new Fate.Failed(Objects.requireNonNull(reason, "reason"), description);
      case CANCELED -> new Fate.Canceled(description);
    });
  }

  /** After an event of the task, which is open. */
  TaskRow after(TaskEvent event) {
    return switch (event) {
      case TaskConfirmed e -> with(status == TaskStatus.CONFIRM ? TaskStatus.QUEUED : status, progress, null,
          description, e.at());
      // Announced again while it works on it: that is no step back.
      case TaskNotified e -> with(status == TaskStatus.IN_PROGRESS ? status : TaskStatus.NOTIFIED, progress, null,
          description, e.at()).from(e.sourceVersion());
      case TaskDeviceObserved e -> this;
      case TaskProgressed e -> with(TaskStatus.IN_PROGRESS, e.percent(), null, e.description(), e.at());
      case TaskSucceeded e -> with(TaskStatus.SUCCEEDED, 100, null, "", e.at());
      case TaskFailed e -> with(TaskStatus.FAILED, progress, e.reason().name(), e.description(), e.at());
      case TaskCanceled e -> with(TaskStatus.CANCELED, progress, null, e.description(), e.at());
    };
  }

  TaskRow numbered(long number) {
    return new TaskRow(taskId, jobId, deviceName, iotId, sourceVersion, status, progress, reason, description,
        createdAt, modifiedAt, number, historyLength);
  }

  TaskRow remembering(HistoryRow entry) {
    return new TaskRow(taskId, jobId, deviceName, iotId, sourceVersion, status, progress, reason, description,
        createdAt, modifiedAt, dispatcherNumber, entry.number());
  }

  private TaskRow with(TaskStatus status, int progress, @Nullable String reason, String description, Instant at) {
    return new TaskRow(taskId, jobId, deviceName, iotId, sourceVersion, status, progress, reason, description,
        createdAt, at, dispatcherNumber, historyLength);
  }

  private TaskRow from(@Nullable String version) {
    return version == null
        ? this
        : new TaskRow(taskId, jobId, deviceName, iotId, version, status, progress, reason, description, createdAt,
            modifiedAt, dispatcherNumber, historyLength);
  }

  /** As it is shown. */
  public TaskView view(JobRow job, String productName) {
    return new TaskView(taskId, jobId, job.firmwareId(), job.productKey(), productName, job.moduleName(),
        deviceName, iotId,
        sourceVersion, job.destVersion(), status, progress, description, job.timeout(), createdAt, modifiedAt);
  }
}
