// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that can move a device's task; on {@link Topics#DEVICE_INPUTS}, keyed by {@link DeviceId#key()}. */
public sealed interface DeviceInput {

  /** The device it is about, and so its key. */
  DeviceId device();

  /** From job-service: verify this firmware on the device. Sent once for each task; a repeat changes nothing. */
  @WireType("dev.otaverify.device.assign-task.v1")
  record AssignTask(DeviceId device, TaskId taskId, FirmwareSpec firmware, Duration timeout, boolean needPush,
      boolean needConfirm, List<Tag> tags, Instant createdAt) implements DeviceInput {
    /** Copies the tags. */
    public AssignTask {
      tags = List.copyOf(tags);
    }
  }

  /** From job-service, which has already written {@link FirmwareEvent.TaskConfirmed}: the task may go on. */
  @WireType("dev.otaverify.device.confirm-task.v1")
  record ConfirmTask(DeviceId device, TaskId taskId, Instant at) implements DeviceInput {}

  /** From job-service, which has already written {@link FirmwareEvent.TaskCanceled}: leave the task alone. */
  @WireType("dev.otaverify.device.cancel-task.v1")
  record CancelTask(DeviceId device, TaskId taskId, Instant at) implements DeviceInput {}

  /** From job-service: the device was deleted, so what it said of itself is of no device any more. */
  @WireType("dev.otaverify.device.forget-device.v1")
  record ForgetDevice(DeviceId device, Instant at) implements DeviceInput {}

  /** From mqtt-broker: the device says which version of a module it runs. */
  @WireType("dev.otaverify.device.version-reported.v1")
  record VersionReported(DeviceId device, ModuleName moduleName, String version, Instant at) implements DeviceInput {}

  /** From mqtt-broker: {@code step} is 0 to 100 percent, or -1 upgrade, -2 download, -3 digest, -4 burn failed. */
  @WireType("dev.otaverify.device.progress-reported.v1")
  record ProgressReported(DeviceId device, ModuleName moduleName, int step, String description,
      Instant at) implements DeviceInput {}

  /**
   * From mqtt-broker: the device asks for a firmware.
   *
   * @param messageId the id to answer with, as the JSON text it came as ({@code 2} or {@code "2"})
   * @param legacy asked on {@code /ota/device/request}, so answered there
   */
  @WireType("dev.otaverify.device.firmware-requested.v1")
  record FirmwareRequested(DeviceId device, ModuleName moduleName, String messageId, boolean legacy,
      Instant at) implements DeviceInput {}

  /** From mqtt-broker. {@code session} is larger for a later connection of the same device. */
  @WireType("dev.otaverify.device.connected.v1")
  record Connected(DeviceId device, long session, @Nullable String address, Instant at) implements DeviceInput {}

  /** From mqtt-broker. Of no effect if a later session of the device has begun. */
  @WireType("dev.otaverify.device.disconnected.v1")
  record Disconnected(DeviceId device, long session, Instant at) implements DeviceInput {}

  /** From the dispatcher's sweeper: a deadline of the task, {@code dueAt}, has passed. */
  @WireType("dev.otaverify.device.deadline-reached.v1")
  record DeadlineReached(DeviceId device, TaskId taskId, Instant dueAt) implements DeviceInput {}

  /** From the dispatcher's sweeper: the push that was due at {@code dueAt} is to be sent, again or at last. */
  @WireType("dev.otaverify.device.push-due.v1")
  record PushDue(DeviceId device, TaskId taskId, Instant dueAt) implements DeviceInput {}
}
