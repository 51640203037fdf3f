// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated.Target;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A job that verifies a firmware, as far as its tasks are decided on here: which there are, and which were confirmed or
 * cancelled. What became of them else is the dispatcher's and the aggregator's.
 */
public record RunningJob(JobId jobId, ProductKey productKey, boolean needConfirm, List<Target> targets,
    Set<TaskId> confirmed, Set<TaskId> canceled) {

  /** Copies the collections. */
  public RunningJob {
    targets = List.copyOf(targets);
    confirmed = Set.copyOf(confirmed);
    canceled = Set.copyOf(canceled);
  }

  static RunningJob of(VerifyJobCreated event) {
    return new RunningJob(event.jobId(), event.productKey(), event.needConfirm(), event.targets(), Set.of(), Set.of());
  }

  List<TaskId> tasks() {
    return targets.stream().map(Target::taskId).toList();
  }

  DeviceId device(TaskId task) {
    return targets.stream().filter(target -> target.taskId().equals(task)).findFirst()
        .map(target -> new DeviceId(productKey, target.deviceName()))
        .orElseThrow(() -> new IllegalStateException("task: " + task + " (expected: one of job " + jobId + ")"));
  }

  RunningJob withConfirmed(TaskId task) {
    return new RunningJob(jobId, productKey, needConfirm, targets, with(confirmed, task), canceled);
  }

  RunningJob withCanceled(TaskId task) {
    return new RunningJob(jobId, productKey, needConfirm, targets, confirmed, with(canceled, task));
  }

  private static Set<TaskId> with(Set<TaskId> tasks, TaskId task) {
    var all = new TreeSet<>(tasks);
    all.add(task);
    return all;
  }
}
