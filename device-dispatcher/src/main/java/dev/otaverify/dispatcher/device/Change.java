// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.TaskId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a decision changes: events for others, and facts that only the dispatcher keeps. */
public sealed interface Change {

  /** The device has a new task. Not published: job-service has announced the job with its tasks. */
  record TaskAssigned(AssignTask assignment) implements Change {}

  /** Something happened to a task; published. */
  record TaskChanged(TaskEvent event) implements Change {}

  /** The task was confirmed. Not published: job-service has done that. */
  record TaskReleased(TaskId taskId) implements Change {}

  /** What the device said it runs is of no device any more: it was deleted. Not published: job-service has done that. */
  record VersionsForgotten() implements Change {}

  /** The task was cancelled. Not published: job-service has done that. */
  record TaskLeft(TaskId taskId) implements Change {}

  /** When the task is to be pushed next; null: not before something happens. */
  record PushPlanned(TaskId taskId, @Nullable Instant at) implements Change {}

  /** A later connection of the device is known. */
  record SessionChanged(long session) implements Change {}

  /** The device came, went or moved; published. */
  record PresenceChanged(RegistryEvent.DevicePresenceChanged event) implements Change {}

  /** The device runs another version of a module than was known; published. */
  record VersionChanged(RegistryEvent.DeviceVersionChanged event) implements Change {}
}
