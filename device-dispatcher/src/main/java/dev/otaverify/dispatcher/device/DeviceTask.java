// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.TaskId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The task of one device in one job: to come to run a firmware.
 *
 * <pre>
 *  AssignTask ──needConfirm──▶ Confirming ──ConfirmTask──▶ Queued ◀── AssignTask
 *                                                            │
 *                                          first push, or the device fetches it
 *                                                            ▼
 *                                     ┌──push again──▶ Notified ──first progress──▶ InProgress ◀──progress──┐
 *                                     └───────────────────┘ │                          │ └──────────────────┘
 *                                                           └────target version────────┤
 *                                                                                      ▼
 *                                                                               Ended(Succeeded)
 *  Confirming, Queued, Notified   ──start deadline─────────────────────────────▶ Ended(Failed)
 *  InProgress                     ──finish deadline, unexpected version────────▶ Ended(Failed)
 *  Notified, InProgress           ──step -1 to -4──────────────────────────────▶ Ended(Failed)
 *  Queued, Notified               ──a delta that does not fit──────────────────▶ Ended(Failed)
 *  Confirming, Queued             ──assigned while the device is busy──────────▶ Ended(Failed)
 *  Confirming, Queued, Notified, InProgress ──CancelTask───────────────────────▶ Ended(Canceled)
 * </pre>
 *
 * Ended is the end: whatever comes later changes nothing.
 */
public sealed interface DeviceTask {

  /** What was asked for. */
  AssignTask assignment();

  /** Its id. */
  default TaskId id() {
    return assignment().taskId();
  }

  /** A task that something may still happen to. */
  sealed interface Open extends DeviceTask {
    /**
     * When it fails if nothing happens. To start: counted from the job's creation, whatever keeps the device from
     * starting; to finish: from its first progress report. In microseconds, as the database keeps it.
     */
    default Instant deadline() {
      return assignment().createdAt().plus(assignment().timeout()).truncatedTo(ChronoUnit.MICROS);
    }
  }

  /** Waits for {@code ConfirmTask}. */
  record Confirming(AssignTask assignment) implements Open {}

  /** The device has not been told. */
  record Queued(AssignTask assignment, @Nullable Instant nextPushAt) implements Open {}

  /**
   * The device has been told and has not begun.
   *
   * @param attempts how often it was told
   * @param notifiedAt when it was told last
   */
  record Notified(AssignTask assignment, int attempts, Instant notifiedAt,
      @Nullable Instant nextPushAt) implements Open {}

  /** The device is at it, by its own report. */
  record InProgress(AssignTask assignment, int attempts, int percent, String description,
      Instant deadline) implements Open {}

  /** Nothing more happens. */
  record Ended(AssignTask assignment, Outcome outcome) implements DeviceTask {}

  /** How a task ended. */
  sealed interface Outcome {
    /** The device runs the firmware. */
    record Succeeded() implements Outcome {}

    /** It does not, for this reason. */
    record Failed(TaskFailed.Reason reason, String description) implements Outcome {}

    /** Nobody wants to know any more. */
    record Canceled() implements Outcome {}
  }

  /** A task as it begins. */
  static DeviceTask assigned(AssignTask assignment) {
    return assignment.needConfirm() ? new Confirming(assignment) : new Queued(assignment, null);
  }

  /**
   * The task after an event.
   *
   * @throws IllegalStateException if the event cannot happen to this task
   */
  static DeviceTask evolve(DeviceTask before, TaskEvent event) {
    return switch (event) {
      case FirmwareEvent.TaskDeviceObserved e when before instanceof Open -> before;
      case FirmwareEvent.TaskNotified e when before instanceof Queued t ->
        new Notified(t.assignment(), e.attempt(), e.at(), null);
      case FirmwareEvent.TaskNotified e when before instanceof Notified t ->
        new Notified(t.assignment(), e.attempt(), e.at(), null);
      case FirmwareEvent.TaskProgressed e when before instanceof Notified t ->
        new InProgress(t.assignment(), t.attempts(), e.percent(), e.description(),
            e.at().plus(t.assignment().timeout()).truncatedTo(ChronoUnit.MICROS));
      case FirmwareEvent.TaskProgressed e when before instanceof InProgress t ->
        new InProgress(t.assignment(), t.attempts(), e.percent(), e.description(), t.deadline());
      case FirmwareEvent.TaskSucceeded e when before instanceof Notified || before instanceof InProgress ->
        new Ended(before.assignment(), new Outcome.Succeeded());
      case TaskFailed e when before instanceof Open ->
        new Ended(before.assignment(), new Outcome.Failed(e.reason(), e.description()));
      case TaskEvent e -> throw new IllegalStateException(
          "event: " + e + " (expected: one that can happen to " + before.getClass().getSimpleName() + ")");
    };
  }

  /**
   * The task after it was confirmed.
   *
   * @throws IllegalStateException if it does not wait for that
   */
  static DeviceTask confirmed(DeviceTask before) {
    if (!(before instanceof Confirming confirming)) {
      throw new IllegalStateException(
          "task: " + before.getClass().getSimpleName() + " (expected: one that waits for confirmation)");
    }
    return new Queued(confirming.assignment(), null);
  }

  /** The task after its next push was planned; without effect if no push can follow. */
  static DeviceTask planned(DeviceTask before, @Nullable Instant at) {
    return switch (before) {
      case Queued t -> new Queued(t.assignment(), at);
      case Notified t -> new Notified(t.assignment(), t.attempts(), t.notifiedAt(), at);
      case Confirming t -> t;
      case InProgress t -> t;
      case Ended t -> t;
    };
  }
}
