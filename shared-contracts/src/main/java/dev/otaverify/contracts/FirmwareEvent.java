// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The life of a firmware; on {@link Topics#FIRMWARE_EVENTS}, keyed by firmware id. Written by job-service (created, deleted,
 * job created, task confirmed or cancelled), device-dispatcher (the other task events) and status-aggregator (the verdict).
 */
public sealed interface FirmwareEvent {

  /** The firmware it is about, and so its key. */
  FirmwareId firmwareId();

  /** What happened to the task of one device. */
  sealed interface TaskEvent extends FirmwareEvent {
    /** The task; it names its job and its firmware. */
    TaskId taskId();

    /** The device of the task. */
    DeviceId device();

    /** When. */
    Instant at();

    @Override
    default FirmwareId firmwareId() {
      return taskId().firmwareId();
    }
  }

  /** After this nothing more happens to the task. The first one in the log counts. */
  sealed interface TaskEnded extends TaskEvent {}

  /** A firmware was created. */
  @WireType("dev.otaverify.firmware.created.v1")
  record FirmwareCreated(FirmwareId firmwareId, AccountId account, FirmwareSpec spec,
      Instant at) implements FirmwareEvent {}

  /** A firmware was deleted, and its jobs with it. It was not being verified. */
  @WireType("dev.otaverify.firmware.deleted.v1")
  record FirmwareDeleted(FirmwareId firmwareId, Instant at) implements FirmwareEvent {}

  /** A verification began: the firmware is being verified. */
  @WireType("dev.otaverify.firmware.verify-job-created.v1")
  record VerifyJobCreated(FirmwareId firmwareId, JobId jobId, AccountId account, ProductKey productKey,
      String destVersion, List<Target> targets, Duration timeout, boolean needPush, boolean needConfirm, List<Tag> tags,
      Instant at) implements FirmwareEvent {

    /** One device of the job. */
    public record Target(TaskId taskId, DeviceName deviceName, IotId iotId) {}

    /** Copies the lists. */
    public VerifyJobCreated {
      targets = List.copyOf(targets);
      tags = List.copyOf(tags);
    }
  }

  /** A task that waited for confirmation was confirmed. Written by job-service. */
  @WireType("dev.otaverify.task.confirmed.v1")
  record TaskConfirmed(TaskId taskId, DeviceId device, Instant at) implements TaskEvent {}

  /**
   * The firmware was announced to the device.
   *
   * @param attempt counts from 1
   * @param sourceVersion what the device ran then; null if it never said
   */
  @WireType("dev.otaverify.task.notified.v1")
  record TaskNotified(TaskId taskId, DeviceId device, int attempt, @Nullable String sourceVersion,
      Instant at) implements TaskEvent {}

  /** The device reported progress, 0 to 100 percent. */
  @WireType("dev.otaverify.task.progressed.v1")
  record TaskProgressed(TaskId taskId, DeviceId device, int percent, String description,
      Instant at) implements TaskEvent {}

  /**
   * The device was heard of while its task was open, and that moved nothing, or moved it by an event of its own that follows.
   * Written so that a verdict can be explained; a device that is heard of very often is left out after a while.
   *
   * @param observation what was heard
   * @param detail its address, the version, or the step and the device's own words; may be empty
   * @param at when the broker heard it
   */
  @WireType("dev.otaverify.task.device-observed.v1")
  record TaskDeviceObserved(TaskId taskId, DeviceId device, Observation observation, String detail,
      Instant at) implements TaskEvent {

    /** What was heard of a device. */
    public enum Observation {
      /** It has connected. */
      CONNECTED,
      /** Its connection has ended. */
      DISCONNECTED,
      /** It said which version it runs, and that was not the end of the task. */
      VERSION_REPORTED,
      /** It reported progress before it was told of the firmware. */
      PROGRESS_REPORTED,
      /** It asked for a firmware. */
      FIRMWARE_REQUESTED
    }
  }

  /** The device reported the target version. */
  @WireType("dev.otaverify.task.succeeded.v1")
  record TaskSucceeded(TaskId taskId, DeviceId device, String version, Instant at) implements TaskEnded {}

  /** The task failed. {@code description} says what was expected and what came. */
  @WireType("dev.otaverify.task.failed.v1")
  record TaskFailed(TaskId taskId, DeviceId device, Reason reason, String description,
      Instant at) implements TaskEnded {

    /** Why a task failed. */
    public enum Reason {
      UPGRADE_FAILED, DOWNLOAD_FAILED, DIGEST_FAILED, BURN_FAILED, START_TIMEOUT, FINISH_TIMEOUT, UNEXPECTED_VERSION,
      SOURCE_VERSION_MISMATCH, DEVICE_BUSY
    }
  }

  /** The task was cancelled. Written by job-service. */
  @WireType("dev.otaverify.task.canceled.v1")
  record TaskCanceled(TaskId taskId, DeviceId device, String description, Instant at) implements TaskEnded {}

  /** Every task of the job has ended. {@code canceled}: all of them by being cancelled. */
  @WireType("dev.otaverify.job.completed.v1")
  record JobCompleted(FirmwareId firmwareId, JobId jobId, boolean canceled, Instant at) implements FirmwareEvent {}

  /** Every device runs the firmware. It may go to a fleet. */
  @WireType("dev.otaverify.firmware.verified.v1")
  record FirmwareVerified(FirmwareId firmwareId, JobId jobId, Instant at) implements FirmwareEvent {}

  /** The verification ended and not every device runs the firmware. */
  @WireType("dev.otaverify.firmware.verification-failed.v1")
  record FirmwareVerificationFailed(FirmwareId firmwareId, JobId jobId, List<DeviceFailure> failures,
      Instant at) implements FirmwareEvent {

    /** A device that did not succeed. {@code reason}: a {@link TaskFailed.Reason}, or CANCELED. */
    public record DeviceFailure(TaskId taskId, DeviceName deviceName, String reason, String description) {}

    /** Copies the failures. */
    public FirmwareVerificationFailed {
      failures = List.copyOf(failures);
    }
  }
}
