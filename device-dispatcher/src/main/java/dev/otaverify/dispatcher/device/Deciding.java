// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved.Observation;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskNotified;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.RegistryEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One decision in the making. Each change is applied as soon as it is decided, so that what follows is asked of the
 * state after it.
 */
final class Deciding {
  /** What a device says about its progress is cut here: it is shown, not interpreted. */
  private static final int TEXT = 512;
  /** When a task must have ended, and that a day ago, whatever became of it. Rows of tasks are kept for longer. */
  private static final Duration LATE = Duration.ofDays(1);

  private final List<Change> changes = new ArrayList<>();
  private final List<Outbound> outbound = new ArrayList<>();
  private final Instant now;
  private final PushPolicy policy;
  private Device device;

  Deciding(Device device, Instant now, PushPolicy policy) {
    this.device = device;
    this.now = now;
    this.policy = policy;
  }

  Decision on(DeviceInput input) {
    switch (input) {
      case DeviceInput.AssignTask i -> assign(i);
      case DeviceInput.ConfirmTask i -> confirm(i);
      case DeviceInput.CancelTask i -> cancel(i);
      case DeviceInput.ForgetDevice i -> forget();
      case DeviceInput.VersionReported i -> version(i);
      case DeviceInput.ProgressReported i -> progress(i);
      case DeviceInput.FirmwareRequested i -> request(i);
      case DeviceInput.Connected i -> connected(i);
      case DeviceInput.Disconnected i -> disconnected(i);
      case DeviceInput.DeadlineReached i -> deadline(i);
      case DeviceInput.PushDue i -> pushDue(i);
    }
    return new Decision(changes, outbound);
  }

  private void assign(DeviceInput.AssignTask input) {
    if (device.tasks().containsKey(input.taskId())) {
      return;
    }
    var module = input.firmware().moduleName();
    DeviceTask.@Nullable Open other = device.open(module);
    happens(new Change.TaskAssigned(input));
    if (other != null) {
      happens(new TaskFailed(input.taskId(), device.id(), TaskFailed.Reason.DEVICE_BUSY,
          "device busy: expected no open task for module %s, got task %s of job %s (to version %s)".formatted(module,
              other.id(), other.id().jobId(), other.assignment().firmware().destVersion()),
          now));
    } else if (isLongOver(input) && device.tasks().get(input.taskId()) instanceof DeviceTask.Open task) {
      failsToStart(task, "it was assigned only now");
    } else if (device.tasks().get(input.taskId()) instanceof DeviceTask.Queued queued) {
      push(queued, 0);
    }
  }

  /**
   * Whether the time to start and the time to finish are both over for long. The task may have been here, have ended and have been
   * removed: it must not keep another one from beginning, and what is published of it again has a number that was taken.
   */
  private boolean isLongOver(DeviceInput.AssignTask input) {
    return now.isAfter(input.createdAt().plus(input.timeout().multipliedBy(2)).plus(LATE));
  }

  private void confirm(DeviceInput.ConfirmTask input) {
    if (device.tasks().get(input.taskId()) instanceof DeviceTask.Confirming) {
      happens(new Change.TaskReleased(input.taskId()));
      if (device.tasks().get(input.taskId()) instanceof DeviceTask.Queued queued) {
        push(queued, 0);
      }
    }
  }

  private void cancel(DeviceInput.CancelTask input) {
    if (device.tasks().get(input.taskId()) instanceof DeviceTask.Open) {
      happens(new Change.TaskLeft(input.taskId()));
    }
  }

  private void forget() {
    if (!device.versions().isEmpty()) {
      happens(new Change.VersionsForgotten());
    }
  }

  private void version(DeviceInput.VersionReported input) {
    @Nullable
    String known = device.versions().get(input.moduleName());
    if (!input.version().equals(known)) {
      happens(new Change.VersionChanged(new RegistryEvent.DeviceVersionChanged(device.id().productKey(),
          device.id().deviceName(), input.moduleName(), input.version(), now)));
    }
    switch (device.open(input.moduleName())) {
      case null -> {
      }
      case DeviceTask.Notified notified when isTarget(notified, input) && !isFromBefore(notified, input, known) ->
        succeeds(notified, input);
      case DeviceTask.InProgress progress when isTarget(progress, input) -> succeeds(progress, input);
      case DeviceTask.Open task -> {
        observed(task, Observation.VERSION_REPORTED, input.version(), input.at());
        notTheTarget(task, input, known);
      }
    }
  }

  private void notTheTarget(DeviceTask.Open task, DeviceInput.VersionReported input, @Nullable String known) {
    switch (task) {
      case DeviceTask.Confirming waits -> {
      }
      // Whatever it runs: a version that it had before it was told proves nothing.
      case DeviceTask.Queued queued -> push(queued, 0);
      // It has started anew, or did not hear. Before its first progress any version is one to start from.
      case DeviceTask.Notified notified -> pushAgain(notified);
      case DeviceTask.InProgress progress when known != null && !known.equals(input.version()) ->
        happens(new TaskFailed(progress.id(), device.id(), TaskFailed.Reason.UNEXPECTED_VERSION,
            "unexpected version: expected %s, got %s (upgrade from %s, last progress %d %%)".formatted(
                progress.assignment().firmware().destVersion(), input.version(), known, progress.percent()),
            now));
      case DeviceTask.InProgress stillFromThere -> {
      }
    }
  }

  /**
   * Whether a report of the target version was made before the device was told, and so proves nothing. A device that ran
   * the target already says it at every connection, so there the times are compared too.
   */
  private boolean isFromBefore(DeviceTask.Notified task, DeviceInput.VersionReported input, @Nullable String known) {
    return isYetToBeTold(task) || (task.attempts() == 1 && input.version().equals(known)
        && !input.at().isAfter(task.notifiedAt()));
  }

  /** What is decided in a unit is said after it: no report in the unit of the first push is an answer to it. */
  private boolean isYetToBeTold(DeviceTask.Notified task) {
    return task.attempts() == 1 && task.notifiedAt().equals(now);
  }

  private void progress(DeviceInput.ProgressReported input) {
    var description = shortened(input.description());
    switch (device.open(input.moduleName())) {
      case null -> {
      }
      // Not about this task: the device has not been told of it.
      case DeviceTask.Confirming untold -> observedProgress(untold, input, description);
      case DeviceTask.Queued untold -> observedProgress(untold, input, description);
      case DeviceTask.Notified untold when isYetToBeTold(untold) -> observedProgress(untold, input, description);
      case DeviceTask.Notified task when input.step() < 0 -> failsByReport(task, input.step(), description);
      case DeviceTask.InProgress task when input.step() < 0 -> failsByReport(task, input.step(), description);
      case DeviceTask.InProgress task when task.percent() == input.step() && task.description().equals(description) -> {
      }
      case DeviceTask.Open task ->
        happens(new TaskProgressed(task.id(), device.id(), input.step(), description, now));
    }
  }

  private void observedProgress(DeviceTask.Open task, DeviceInput.ProgressReported input, String description) {
    observed(task, Observation.PROGRESS_REPORTED,
        description.isBlank() ? "step " + input.step() : "step %d, \"%s\"".formatted(input.step(), description),
        input.at());
  }

  private void request(DeviceInput.FirmwareRequested input) {
    DeviceTask.@Nullable Open task = device.open(input.moduleName());
    if (task != null) {
      observed(task, Observation.FIRMWARE_REQUESTED, "", input.at());
    }
    if (task == null || task instanceof DeviceTask.Confirming || !fits(task)) {
      outbound.add(new Outbound.Answer(input, null));
      return;
    }
    if (task instanceof DeviceTask.Queued) {
      notifies(task, 1);
    }
    outbound.add(new Outbound.Answer(input, task.assignment()));
  }

  private void connected(DeviceInput.Connected input) {
    if (input.session() <= device.presence().session()) {
      return;
    }
    happens(new Change.SessionChanged(input.session()));
    presence(true, input.address());
    observedByAll(Observation.CONNECTED, Objects.requireNonNullElse(input.address(), ""), input.at());
    for (var task : device.tasks().values()) {
      switch (task) {
        case DeviceTask.Queued queued -> planAfterConnect(queued, 0);
        case DeviceTask.Notified notified -> planAfterConnect(notified, notified.attempts());
        case DeviceTask.Confirming waits -> {
        }
        case DeviceTask.InProgress busy -> {
        }
        case DeviceTask.Ended ended -> {
        }
      }
    }
  }

  private void disconnected(DeviceInput.Disconnected input) {
    if (input.session() < device.presence().session()) {
      return;
    }
    if (input.session() > device.presence().session()) {
      happens(new Change.SessionChanged(input.session()));
    }
    boolean wasThere = device.presence().online();
    presence(false, null);
    // A broker that was killed tells of the end again.
    if (wasThere) {
      observedByAll(Observation.DISCONNECTED, "", input.at());
    }
  }

  private void observedByAll(Observation observation, String detail, Instant at) {
    for (var task : device.tasks().values()) {
      if (task instanceof DeviceTask.Open open) {
        observed(open, observation, detail, at);
      }
    }
  }

  private void observed(DeviceTask.Open task, Observation observation, String detail, Instant at) {
    happens(new TaskDeviceObserved(task.id(), device.id(), observation, detail, at));
  }

  private void deadline(DeviceInput.DeadlineReached input) {
    if (device.tasks().get(input.taskId()) instanceof DeviceTask.Open task && task.deadline().equals(input.dueAt())
        && !now.isBefore(input.dueAt())) {
      switch (task) {
        case DeviceTask.Confirming t -> failsToStart(t, "it was never confirmed");
        case DeviceTask.Queued t -> failsToStart(t, "it was never pushed: " + whyNotPushed(t));
        case DeviceTask.Notified t -> failsToStart(t,
            "the device was told %s, last at %s%s".formatted(t.attempts() == 1 ? "once" : t.attempts() + " times",
                t.notifiedAt(), device.presence().online() ? "" : ", and is offline"));
        case DeviceTask.InProgress t -> happens(new TaskFailed(t.id(), device.id(), TaskFailed.Reason.FINISH_TIMEOUT,
            "finish timeout: expected version %s by %s (%s after the first progress report), got %s, last progress %d %%"
                .formatted(t.assignment().firmware().destVersion(), t.deadline(), text(t.assignment().timeout()),
                    Objects.requireNonNullElse(source(t), "no version"), t.percent()),
            now));
      }
    }
  }

  private void pushDue(DeviceInput.PushDue input) {
    if (now.isBefore(input.dueAt())) {
      return;
    }
    switch (device.tasks().get(input.taskId())) {
      case DeviceTask.Queued task when input.dueAt().equals(task.nextPushAt()) -> pushOrWait(task, 0);
      case DeviceTask.Notified task when input.dueAt().equals(task.nextPushAt()) -> pushOrWait(task, task.attempts());
      // Planned anew since, or past being pushed: another push is due, or none.
      case DeviceTask.Queued plannedAnew -> {
      }
      case DeviceTask.Notified plannedAnew -> {
      }
      case DeviceTask.Confirming unpushed -> {
      }
      case DeviceTask.InProgress begun -> {
      }
      case DeviceTask.Ended ended -> {
      }
      case null -> {
      }
    }
  }

  /** Pushes, if the device can hear it and may be told (again). */
  private void push(DeviceTask.Open task, int attempts) {
    if (mayPush(task, attempts) && device.presence().online() && fits(task)) {
      notifies(task, attempts + 1);
      outbound.add(new Outbound.Push(task.assignment(), attempts + 1));
    }
  }

  private void pushAgain(DeviceTask.Notified task) {
    var quietUntil = task.notifiedAt().plus(policy.quiet());
    if (!now.isBefore(quietUntil)) {
      push(task, task.attempts());
    } else if (mayPush(task, task.attempts()) && device.presence().online() && fits(task)
        && (task.nextPushAt() == null || quietUntil.isBefore(task.nextPushAt()))) {
      happens(new Change.PushPlanned(task.id(), quietUntil));
    }
  }

  /** At the time of a planned push: a device that cannot be pushed now is, when it shows up. */
  private void pushOrWait(DeviceTask.Open task, int attempts) {
    if (device.presence().online()) {
      push(task, attempts);
    }
    if (device.tasks().get(task.id()) instanceof DeviceTask.Open same && same.equals(task)) {
      happens(new Change.PushPlanned(task.id(), null));
    }
  }

  private void planAfterConnect(DeviceTask.Open task, int attempts) {
    if (mayPush(task, attempts)) {
      happens(new Change.PushPlanned(task.id(), now.plus(policy.connectGrace())));
    }
  }

  private boolean mayPush(DeviceTask.Open task, int attempts) {
    return task.assignment().needPush() && source(task) != null && attempts < policy.attempts()
        && now.isBefore(task.deadline());
  }

  /** Whether the device can use the firmware. A delta for another version than it runs ends the task. */
  private boolean fits(DeviceTask.Open task) {
    @Nullable
    String expected = task.assignment().firmware().srcVersion();
    @Nullable
    String running = source(task);
    if (expected == null || expected.equals(running)) {
      return true;
    }
    // Not told yet what it runs: it may still turn out to fit.
    if (running != null) {
      happens(new TaskFailed(task.id(), device.id(), TaskFailed.Reason.SOURCE_VERSION_MISMATCH,
          "source version mismatch: expected %s (what the delta to %s applies to), got %s".formatted(expected,
              task.assignment().firmware().destVersion(), running),
          now));
    }
    return false;
  }

  private void notifies(DeviceTask.Open task, int attempt) {
    happens(new TaskNotified(task.id(), device.id(), attempt, source(task), now));
    if (task.assignment().needPush()) {
      happens(new Change.PushPlanned(task.id(), policy.next(attempt, now, task.deadline())));
    }
  }

  private void succeeds(DeviceTask.Open task, DeviceInput.VersionReported input) {
    happens(new TaskSucceeded(task.id(), device.id(), input.version(), now));
  }

  private void failsByReport(DeviceTask.Open task, int step, String said) {
    var reason = switch (step) {
      case -1 -> TaskFailed.Reason.UPGRADE_FAILED;
      case -2 -> TaskFailed.Reason.DOWNLOAD_FAILED;
      case -3 -> TaskFailed.Reason.DIGEST_FAILED;
      case -4 -> TaskFailed.Reason.BURN_FAILED;
      default -> throw new IllegalArgumentException("step: " + step + " (expected: -4 to 100)");
    };
    var what = switch (reason) {
      case DOWNLOAD_FAILED -> "download failed";
      case BURN_FAILED -> "burning failed";
      case DIGEST_FAILED -> "digest failed: expected %s %s of %d bytes".formatted(
          task.assignment().firmware().file().signMethod(), task.assignment().firmware().file().sign(),
          task.assignment().firmware().file().size());
      case UPGRADE_FAILED, START_TIMEOUT, FINISH_TIMEOUT, UNEXPECTED_VERSION, SOURCE_VERSION_MISMATCH, DEVICE_BUSY ->
        "upgrade failed";
    };
    happens(new TaskFailed(task.id(), device.id(), reason,
        "%s: device reported step %d%s".formatted(what, step, said.isBlank() ? "" : ", \"" + said + "\""), now));
  }

  private void failsToStart(DeviceTask.Open task, String state) {
    happens(new TaskFailed(task.id(), device.id(), TaskFailed.Reason.START_TIMEOUT,
        "start timeout: expected progress or version %s by %s (%s after the job was created), got neither; %s"
            .formatted(
                task.assignment().firmware().destVersion(), task.deadline(), text(task.assignment().timeout()), state),
        now));
  }

  private String whyNotPushed(DeviceTask.Queued task) {
    if (!task.assignment().needPush()) {
      return "no push was asked for, and the device did not fetch it";
    }
    if (source(task) == null) {
      return "the device never reported a version of module " + task.assignment().firmware().moduleName();
    }
    return device.presence().online() ? "the device came too late" : "the device is offline";
  }

  private void presence(boolean online, @Nullable String address) {
    var known = device.presence();
    if (known.online() != online || !Objects.equals(known.address(), address)) {
      happens(new Change.PresenceChanged(new RegistryEvent.DevicePresenceChanged(device.id().productKey(),
          device.id().deviceName(), online, address, now)));
    }
  }

  private static boolean isTarget(DeviceTask task, DeviceInput.VersionReported input) {
    return task.assignment().firmware().destVersion().equals(input.version());
  }

  /** What the device runs of the task's module; null if it never said. */
  private @Nullable String source(DeviceTask task) {
    return device.versions().get(task.assignment().firmware().moduleName());
  }

  private void happens(TaskEvent event) {
    happens(new Change.TaskChanged(event));
  }

  private void happens(Change change) {
    changes.add(change);
    device = Device.evolve(device, change);
  }

  private static String text(Duration duration) {
    return duration.equals(Duration.ofMinutes(duration.toMinutes()))
        ? duration.toMinutes() + " min"
        : duration.toMillis() / 1000.0 + " s";
  }

  private static String shortened(String text) {
    return text.length() <= TEXT ? text : text.substring(0, TEXT) + "…";
  }
}
