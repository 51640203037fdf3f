// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import java.util.Collection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The queries: empty for what there is not, or what belongs to another account. */
final class StatusQueries {
  private final ReadBarrier barrier;

  StatusQueries(ReadBarrier barrier) {
    this.barrier = barrier;
  }

  Mono<FirmwareView> firmware(AccountId account, FirmwareId id) {
    return barrier.read(FirmwareSnapshot.class, FirmwareSnapshot.STATEMENT, id.value())
        .mapNotNull(read -> read.firmware() == null || !read.firmware().account().equals(account)
            ? null
            : read.firmware().view(Objects.requireNonNull(read.productName(), "productName")));
  }

  Mono<JobView> job(AccountId account, JobId id) {
    return barrier.read(JobSnapshot.class, JobSnapshot.STATEMENT, id.value())
        .mapNotNull(read -> read.job() == null || !read.job().account().equals(account) ? null : read.job().view());
  }

  /**
   * The tasks of a job in the order of their ids.
   *
   * @param status null for any
   * @param devices none for any
   * @param number of the page, from 1
   */
  Mono<Page<TaskView>> tasks(AccountId account, JobId id, @Nullable TaskStatus status, Collection<DeviceName> devices,
      int number, int size) {
    return barrier.read(TasksSnapshot.class, TasksSnapshot.STATEMENT, id.value(), status == null ? "" : status.name(),
        devices.stream().map(DeviceName::value).toArray(String[]::new), size, (long) size * (number - 1))
        .mapNotNull(read -> {
          var job = read.job();
          if (job == null || !job.account().equals(account)) {
            return null;
          }
          var productName = Objects.requireNonNull(read.productName(), "productName");
          return new Page<>(read.tasks().stream().map(task -> task.view(job, productName)).toList(), number, size,
              read.total());
        });
  }
}
