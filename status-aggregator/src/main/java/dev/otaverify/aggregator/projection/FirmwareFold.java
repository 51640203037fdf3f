// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.aggregator.verification.Fate;
import dev.otaverify.aggregator.verification.Verification;
import dev.otaverify.aggregator.verification.Verification.Concluded;
import dev.otaverify.aggregator.verification.Verification.Task;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.FirmwareDeleted;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareEvent.TaskEnded;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The rows that a batch of events is about, in memory, while the events are folded into them one after the other. */
final class FirmwareFold {
  private static final int LONGEST_HISTORY = 1_000;

  private final Rows<FirmwareId, FirmwareRow> firmware;
  private final Rows<JobId, JobRow> jobs;
  private final Rows<TaskId, TaskRow> tasks;
  private final List<HistoryRow> history = new ArrayList<>();

  /** @param tasks those that an event is about, and of a job that may end all */
  FirmwareFold(Collection<FirmwareRow> firmware, Collection<JobRow> jobs, Collection<TaskRow> tasks) {
    this.firmware = new Rows<>(firmware, FirmwareRow::firmwareId);
    this.jobs = new Rows<>(jobs, JobRow::jobId);
    this.tasks = new Rows<>(tasks, TaskRow::taskId);
  }

  Collection<FirmwareRow> changedFirmware() {
    return firmware.changed();
  }

  Collection<JobRow> changedJobs() {
    return jobs.changed();
  }

  Collection<TaskRow> changedTasks() {
    return tasks.changed();
  }

  /** A job as it is now. */
  JobRow job(JobId id) {
    return jobs.get(id);
  }

  /** New entries of the tasks' histories. */
  Collection<HistoryRow> history() {
    return history;
  }

  /**
   * Folds one event.
   *
   * @return the end of a job and its verdict if they follow from it, in this order; else nothing
   * @throws IllegalStateException if it cannot happen here: a number is missing, or what it is about
   */
  List<FirmwareEvent> apply(Message<FirmwareEvent> message) {
    var number = message.sequence();
    return switch (message.data()) {
      case FirmwareCreated event -> {
        if (isNextOfJobService(message)) {
          firmware.put(FirmwareRow.of(event, number));
        }
        yield List.of();
      }
      case VerifyJobCreated event -> {
        if (isNextOfJobService(message)) {
          begin(event, number);
        }
        yield List.of();
      }
      case FirmwareDeleted event -> {
        if (isNextOfJobService(message)) {
          firmware.put(firmware.get(event.firmwareId()).after(event).numbered(number));
        }
        yield List.of();
      }
      // Confirmed and cancelled by job-service, which numbers by firmware; before 0.2.0 the dispatcher confirmed.
      case TaskEvent event when message.source().equals(Source.JOB_SERVICE) -> {
        if (!isNextOfJobService(message)) {
          yield List.of();
        }
        firmware.put(firmware.get(event.firmwareId()).numbered(number));
        yield isRemoved(event.taskId().jobId()) ? List.of() : hear(event);
      }
      case TaskEvent event when isRemoved(event.taskId().jobId()) -> List.of();
      case TaskEvent event -> {
        var task = tasks.get(event.taskId());
        if (!Numbers.isNext(message, Source.DEVICE_DISPATCHER, event.taskId().value(), task.dispatcherNumber())) {
          yield List.of();
        }
        tasks.put(task.numbered(number));
        yield hear(event);
      }
      case JobCompleted event when isRemoved(event.jobId()) -> List.of();
      case FirmwareVerified event when isRemoved(event.jobId()) -> List.of();
      case FirmwareVerificationFailed event when isRemoved(event.jobId()) -> List.of();
      case JobCompleted event -> {
        if (isNextOfOurs(message, event.jobId())) {
          jobs.put(jobs.get(event.jobId()).completed(event).numbered(number));
        }
        yield List.of();
      }
      case FirmwareVerified event -> {
        if (isNextOfOurs(message, event.jobId())) {
          conclude(event, event.jobId(), event.at(), number);
        }
        yield List.of();
      }
      case FirmwareVerificationFailed event -> {
        if (isNextOfOurs(message, event.jobId())) {
          conclude(event, event.jobId(), event.at(), number);
        }
        yield List.of();
      }
    };
  }

  /**
   * Whether the job was removed since it is old. It began, if its firmware is known: job-service numbers both, and what is about a job
   * is behind its beginning. What still comes is a repeat, or late: it must not bring a part of the job back.
   */
  private boolean isRemoved(JobId job) {
    return jobs.find(job) == null && firmware.find(job.firmwareId()) != null;
  }

  private void begin(VerifyJobCreated event, long number) {
    var before = firmware.get(event.firmwareId());
    if (jobs.find(event.jobId()) != null) {
      throw new IllegalStateException("job: " + event.jobId() + " begins again (expected: a new one)");
    }
    firmware.put(before.verifying(event).numbered(number));
    jobs.put(JobRow.of(event, before.spec().moduleName()));
    TaskRow.of(event).forEach(tasks::put);
  }

  private List<FirmwareEvent> hear(TaskEvent event) {
    var job = jobs.get(event.taskId().jobId());
    var task = tasks.get(event.taskId());
    boolean isOpen = task.task().fate() instanceof Fate.Open;
    if (!(event instanceof TaskEnded)) {
      if (isOpen) {
        tasks.put(remembered(task.after(event), event));
      }
      return List.of();
    }
    var before = verification(job);
    var after = Verification.evolve(before, event);
    if (isOpen) {
      tasks.put(remembered(task.after(event), event));
      firmware.put(
          firmware.get(job.firmwareId()).progressed(job.jobId(), percentSucceeded(job.jobId()), event.at()));
    }
    var decisions = Verification.decide(before, event);
    for (var decision : decisions) {
      after = Verification.evolve(after, decision);
    }
    if (after instanceof Concluded concluded && job.verdict() == null) {
      jobs.put(job.decided(concluded.verdict()));
    }
    return decisions;
  }

  /** Of a device that reports without end, what comes late is left out; the end is not. */
  private TaskRow remembered(TaskRow task, TaskEvent event) {
    if (task.historyLength() >= LONGEST_HISTORY && !(event instanceof TaskEnded)) {
      return task;
    }
    var entry = HistoryRow.of(task.historyLength() + 1, event);
    history.add(entry);
    return task.remembering(entry);
  }

  private void conclude(FirmwareEvent event, JobId jobId, Instant at, long number) {
    var job = jobs.get(jobId);
    if (Verification.evolve(verification(job), event) instanceof Concluded concluded) {
      jobs.put(job.decided(concluded.verdict()).numbered(number));
      firmware.put(firmware.get(event.firmwareId()).concluded(jobId, concluded.verdict(), at));
    }
  }

  private Verification verification(JobRow job) {
    @Nullable
    Verdict verdict = job.verdict();
    return verdict == null ? Verification.of(job.jobId(), tasksOf(job.jobId())) : new Concluded(job.jobId(), verdict);
  }

  private SortedMap<TaskId, Task> tasksOf(JobId jobId) {
    var ofJob = new TreeMap<TaskId, Task>();
    tasks.between(TaskId.of(jobId, 0), TaskId.of(jobId, TaskId.MOST - 1))
        .forEach(task -> ofJob.put(task.taskId(), task.task()));
    return ofJob;
  }

  private int percentSucceeded(JobId jobId) {
    var ofJob = tasksOf(jobId).values();
    var succeeded = ofJob.stream().filter(task -> task.fate() instanceof Fate.Succeeded).count();
    return (int) (succeeded * 100 / ofJob.size());
  }

  private boolean isNextOfJobService(Message<FirmwareEvent> message) {
    var firmwareId = message.data().firmwareId();
    @Nullable
    FirmwareRow row = firmware.find(firmwareId);
    return Numbers.isNext(message, Source.JOB_SERVICE, firmwareId.value(), row == null ? 0 : row.jobServiceNumber());
  }

  private boolean isNextOfOurs(Message<FirmwareEvent> message, JobId jobId) {
    return Numbers.isNext(message, Source.STATUS_AGGREGATOR, jobId.value(), jobs.get(jobId).ownNumber());
  }
}
