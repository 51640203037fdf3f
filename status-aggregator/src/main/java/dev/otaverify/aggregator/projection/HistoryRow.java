// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.FirmwareEvent.TaskCanceled;
import dev.otaverify.contracts.FirmwareEvent.TaskConfirmed;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskNotified;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.HistoryEntry;
import dev.otaverify.contracts.query.HistoryEntry.Kind;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;

/**
 * What happened to a task, or was heard of its device meanwhile: the evidence for how it ended.
 *
 * @param number counts the entries of a task from 1, in the order of the log
 */
public record HistoryRow(TaskId taskId, int number, Instant at, Kind kind, String detail) {
  static final Table<HistoryRow> TABLE = Table.of("task_history", HistoryRow.class, "task_id", "number");

  /** The first entry of each task of the job: it follows from the job, and is not kept. */
  public static HistoryRow created(TaskId task, JobRow job) {
    return new HistoryRow(task, 1, job.createdAt(), Kind.CREATED, "to version " + job.destVersion()
        + (job.needConfirm() ? ", waits for confirmation" : "")
        + (job.needPush() ? "" : ", not pushed: the device asks"));
  }

  static HistoryRow of(int number, TaskEvent event) {
    return switch (event) {
      case TaskConfirmed e -> new HistoryRow(e.taskId(), number, e.at(), Kind.CONFIRMED, "");
      case TaskNotified e -> new HistoryRow(e.taskId(), number, e.at(), Kind.NOTIFIED, "attempt " + e.attempt()
          + (e.sourceVersion() == null ? ", version unknown" : ", from version " + e.sourceVersion()));
      case TaskDeviceObserved e -> new HistoryRow(e.taskId(), number, e.at(), switch (e.observation()) {
        case CONNECTED -> Kind.DEVICE_CONNECTED;
        case DISCONNECTED -> Kind.DEVICE_DISCONNECTED;
        case VERSION_REPORTED -> Kind.VERSION_REPORTED;
        case PROGRESS_REPORTED -> Kind.PROGRESS_IGNORED;
        case FIRMWARE_REQUESTED -> Kind.FIRMWARE_REQUESTED;
      }, e.detail());
      case TaskProgressed e -> new HistoryRow(e.taskId(), number, e.at(), Kind.PROGRESSED,
          e.percent() + " %" + (e.description().isEmpty() ? "" : ", \"" + e.description() + "\""));
      case TaskSucceeded e -> new HistoryRow(e.taskId(), number, e.at(), Kind.SUCCEEDED,
          "reported version " + e.version());
      case TaskFailed e -> new HistoryRow(e.taskId(), number, e.at(), Kind.FAILED, e.description());
      case TaskCanceled e -> new HistoryRow(e.taskId(), number, e.at(), Kind.CANCELED, e.description());
    };
  }

  /** As it is shown. */
  public HistoryEntry view() {
    return new HistoryEntry(number, at, kind, detail);
  }
}
