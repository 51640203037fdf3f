// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.verification;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.FirmwareDeleted;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed.DeviceFailure;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareEvent.TaskEnded;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The verification of a firmware by one job, as it follows from the events of the job in their log order.
 *
 * <pre>
 *            VerifyJobCreated          last TaskEnded          FirmwareVerified or
 *                                                              FirmwareVerificationFailed
 *   Unknown ──────────────────▶ Running ────────────▶ Complete ───────────────────────▶ Concluded
 *                               │     ▲                                                 │     ▲
 *                               └─────┘ any other event of a task        any event at all └─────┘
 * </pre>
 *
 * The first {@link TaskEnded} of a task counts, whoever wrote it: of a cancel and a success, the one that is earlier in
 * the log. Whoever finds it complete decides at once, so {@code Complete} lasts no longer than one call.
 */
public sealed interface Verification {

  /** The job was not heard of. */
  record Unknown() implements Verification {}

  /** At least one device is open. */
  record Running(JobId jobId, SortedMap<TaskId, Task> tasks) implements Verification {
    /** Copies the tasks. */
    public Running {
      tasks = Collections.unmodifiableSortedMap(new TreeMap<>(tasks));
      if (tasks.values().stream().noneMatch(Task::isOpen)) {
        throw new IllegalStateException("tasks of " + jobId + ": all ended (expected: at least one open)");
      }
    }
  }

  /** No device is open, and the verdict has not been given. */
  record Complete(JobId jobId, SortedMap<TaskId, Task> tasks) implements Verification {
    /** Copies the tasks. */
    public Complete {
      tasks = Collections.unmodifiableSortedMap(new TreeMap<>(tasks));
      if (tasks.values().stream().anyMatch(Task::isOpen)) {
        throw new IllegalStateException("tasks of " + jobId + ": some open (expected: all ended)");
      }
    }

    /** What follows: the end of the job, and the verdict. */
    List<FirmwareEvent> conclusion(Instant at) {
      var firmware = jobId.firmwareId();
      var canceled = tasks.values().stream().allMatch(task -> task.fate() instanceof Fate.Canceled);
      var failures = failures();
      return List.of(new JobCompleted(firmware, jobId, canceled, at),
          failures.isEmpty()
              ? new FirmwareVerified(firmware, jobId, at)
              : new FirmwareVerificationFailed(firmware, jobId, failures, at));
    }

    private List<DeviceFailure> failures() {
      var failures = new ArrayList<DeviceFailure>();
      tasks.forEach((taskId, task) -> {
        switch (task.fate()) {
          case Fate.Failed failed -> failures
              .add(new DeviceFailure(taskId, task.deviceName(), failed.reason(), failed.description()));
          case Fate.Canceled canceled -> failures
              .add(new DeviceFailure(taskId, task.deviceName(), Fate.CANCELED, canceled.description()));
          case Fate.Open ignored -> {
          }
          case Fate.Succeeded ignored -> {
          }
        }
      });
      return failures;
    }
  }

  /** The verdict was given, and stays. */
  record Concluded(JobId jobId, Verdict verdict) implements Verification {}

  /** One device of the job. */
  record Task(DeviceName deviceName, Fate fate) {
    boolean isOpen() {
      return fate instanceof Fate.Open;
    }
  }

  /** The verification of a job whose verdict was not given yet. */
  static Verification of(JobId jobId, SortedMap<TaskId, Task> tasks) {
    return tasks.values().stream().anyMatch(Task::isOpen) ? new Running(jobId, tasks) : new Complete(jobId, tasks);
  }

  /**
   * What an event leads to: nothing, or the end of the job and its verdict, in this order.
   *
   * @param heard an event of the job, not yet folded into {@code before}
   * @throws IllegalStateException if the event cannot happen here
   */
  static List<FirmwareEvent> decide(Verification before, FirmwareEvent heard) {
    return heard instanceof TaskEvent event && evolve(before, event) instanceof Complete complete
        ? complete.conclusion(event.at())
        : List.of();
  }

  /**
   * The state after an event of the job. A repeat or a late arrival changes nothing.
   *
   * @throws IllegalStateException if the event cannot happen here
   */
  static Verification evolve(Verification before, FirmwareEvent event) {
    return switch (before) {
      case Unknown ignored -> {
        if (event instanceof VerifyJobCreated created) {
          yield begun(created);
        }
        throw unexpected("Unknown", event);
      }
      case Running running -> switch (event) {
        case VerifyJobCreated created -> running;
        case TaskEvent taskEvent -> of(running.jobId(), after(running.jobId(), running.tasks(), taskEvent));
        case FirmwareCreated created -> throw unexpected("Running", event);
        case FirmwareDeleted deleted -> throw unexpected("Running", event);
        case JobCompleted completed -> throw unexpected("Running", event);
        case FirmwareVerified verified -> throw unexpected("Running", event);
        case FirmwareVerificationFailed failed -> throw unexpected("Running", event);
      };
      case Complete complete -> switch (event) {
        case FirmwareVerified verified -> new Concluded(complete.jobId(), Verdict.VERIFIED);
        case FirmwareVerificationFailed failed -> new Concluded(complete.jobId(), Verdict.FAILED);
        case VerifyJobCreated created -> complete;
        case TaskEvent taskEvent -> complete;
        case JobCompleted completed -> complete;
        case FirmwareCreated created -> throw unexpected("Complete", event);
        case FirmwareDeleted deleted -> throw unexpected("Complete", event);
      };
      case Concluded concluded -> concluded;
    };
  }

  private static Running begun(VerifyJobCreated created) {
    var tasks = new TreeMap<TaskId, Task>();
    created.targets().forEach(target -> tasks.put(target.taskId(), new Task(target.deviceName(), new Fate.Open())));
    return new Running(created.jobId(), tasks);
  }

  private static SortedMap<TaskId, Task> after(JobId jobId, SortedMap<TaskId, Task> tasks, TaskEvent event) {
    @Nullable
    Task task = tasks.get(event.taskId());
    if (task == null) {
      throw new IllegalStateException("task: " + event.taskId() + " (expected: one of the job " + jobId + ")");
    }
    if (!(event instanceof TaskEnded ended)) {
      return tasks;
    }
    var after = new TreeMap<>(tasks);
    after.put(event.taskId(), new Task(task.deviceName(), task.fate().after(ended)));
    return after;
  }

  private static IllegalStateException unexpected(String state, FirmwareEvent event) {
    return new IllegalStateException(
        "event: " + event.getClass().getSimpleName() + " of " + event.firmwareId() + " while " + state
            + " (expected: an event that follows)");
  }
}
