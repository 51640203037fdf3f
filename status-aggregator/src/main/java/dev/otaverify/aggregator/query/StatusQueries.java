// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.HistoryRow;
import dev.otaverify.aggregator.projection.JobRow;
import dev.otaverify.aggregator.projection.ModuleRow;
import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.contracts.query.FirmwareAnswer;
import dev.otaverify.contracts.query.FirmwareQuestion;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.ModuleView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.ProductView;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.TaskHistoryView;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.kit.Together;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The queries: empty for what there is not, or what belongs to another account. */
final class StatusQueries {
  private static final int AT_ONCE = 100;

  private final ReadBarrier barrier;
  /** Whoever is asked for alone waits, and looks again and again: with one statement for all. */
  private final Together<FirmwareId, FirmwareSnapshot> firmware;

  StatusQueries(ReadBarrier barrier) {
    this.barrier = barrier;
    this.firmware = new Together<>(this::snapshots, AT_ONCE);
  }

  private Mono<List<FirmwareSnapshot>> snapshots(List<FirmwareId> ids) {
    return barrier.rows(FirmwareSnapshot.Many.class, FirmwareSnapshot.STATEMENT, (Object) texts(ids))
        .map(FirmwareSnapshot.Many::snapshots);
  }

  Mono<FirmwareView> firmware(AccountId account, FirmwareId id) {
    return barrier.read(firmware.ask(id)).mapNotNull(read -> view(read, account));
  }

  /** Many at once, as they are now: whoever is told that this is not enough asks alone, so that it does not hold up the others. */
  Mono<List<FirmwareAnswer>> firmware(List<FirmwareQuestion> questions) {
    var ids = questions.stream().map(FirmwareQuestion::firmwareId).toList();
    return barrier.look(snapshots(ids),
        (ends, read) -> IntStream.range(0, questions.size()).mapToObj(i -> read.get(i).covers(ends)
            ? new FirmwareAnswer(false, view(read.get(i), questions.get(i).account()))
            : FirmwareAnswer.BEHIND).toList());
  }

  private static @Nullable FirmwareView view(FirmwareSnapshot read, AccountId account) {
    var row = read.firmware();
    return row == null || !row.account().equals(account)
        ? null
        : row.view(Objects.requireNonNull(read.productName(), "productName"));
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
        devices.stream().map(DeviceName::value).toArray(String[]::new), size, skipped(number, size))
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

  /** The history of a task, the oldest entry first. */
  Mono<TaskHistoryView> history(AccountId account, TaskId id, int number, int size) {
    return barrier.read(HistorySnapshot.class, HistorySnapshot.STATEMENT, id.value(), size, skipped(number, size))
        .mapNotNull(read -> {
          var job = read.job();
          var task = read.task();
          if (job == null || task == null || !job.account().equals(account)) {
            return null;
          }
          return new TaskHistoryView(task.view(job, Objects.requireNonNull(read.productName(), "productName")),
              new Page<>(read.page(job, number).stream().map(HistoryRow::view).toList(), number, size,
                  task.historyLength()));
        });
  }

  /**
   * Products of the account, the newest first.
   *
   * @param keys none for all
   */
  Mono<Page<ProductView>> products(AccountId account, Collection<ProductKey> keys, int number, int size) {
    return barrier.read(ProductsSnapshot.class, ProductsSnapshot.STATEMENT, account.value(), texts(keys), size,
        skipped(number, size))
        .map(read -> new Page<>(
            read.products().stream().map(it -> it.product().view(it.deviceCount())).toList(), number, size,
            read.total()));
  }

  /**
   * Devices of a product, the newest first.
   *
   * @param names none for all
   * @param iotIds none for all
   */
  Mono<Page<DeviceView>> devices(AccountId account, ProductKey key, Collection<DeviceName> names,
      Collection<IotId> iotIds, int number, int size) {
    return barrier.read(DevicesSnapshot.class, DevicesSnapshot.STATEMENT, key.value(), texts(names), texts(iotIds),
        size, skipped(number, size)).mapNotNull(read -> {
          var product = read.product();
          return product == null || !product.account().equals(account)
              ? null
              : new Page<>(read.devices().stream().map(device -> device.view(product)).toList(), number, size,
                  read.total());
        });
  }

  /** The modules of a product, the oldest first. */
  Mono<List<ModuleView>> modules(AccountId account, ProductKey key) {
    return barrier.read(ModulesSnapshot.class, ModulesSnapshot.STATEMENT, key.value())
        .mapNotNull(read -> read.product() == null || !read.product().account().equals(account)
            ? null
            : read.modules().stream().map(ModuleRow::view).toList());
  }

  /**
   * Firmware of the account, the newest first.
   *
   * @param products none for all
   * @param version empty for any
   */
  Mono<Page<FirmwareView>> firmware(AccountId account, Collection<ProductKey> products, String version, int number,
      int size) {
    return barrier.read(FirmwareListSnapshot.class, FirmwareListSnapshot.STATEMENT, account.value(), texts(products),
        version, size, skipped(number, size))
        .map(read -> new Page<>(read.firmware().stream()
            .map(named -> named.firmware().view(Objects.requireNonNull(named.productName(), "productName"))).toList(),
            number, size, read.total()));
  }

  /**
   * Jobs of a firmware, the newest first.
   *
   * @param device one that they must be for; null for any
   */
  Mono<Page<JobView>> jobs(AccountId account, FirmwareId id, @Nullable DeviceName device, int number, int size) {
    return barrier.read(JobsSnapshot.class, JobsSnapshot.STATEMENT, id.value(), device == null ? "" : device.value(),
        size, skipped(number, size))
        .mapNotNull(read -> read.firmware() == null || !read.firmware().account().equals(account)
            ? null
            : new Page<>(read.jobs().stream().map(JobRow::view).toList(), number, size, read.total()));
  }

  /**
   * The tasks of a device that have not ended, the newest first; empty if there is no such device.
   *
   * @param status null for any
   * @param module null for any
   */
  Mono<List<TaskView>> openTasks(AccountId account, ProductKey key, DeviceName device, @Nullable TaskStatus status,
      @Nullable ModuleName module) {
    return barrier.read(OpenTasksSnapshot.class, OpenTasksSnapshot.STATEMENT, key.value(), device.value(),
        status == null ? "" : status.name(), module == null ? "" : module.value()).mapNotNull(read -> {
          var product = read.product();
          return product == null || !product.account().equals(account) || !read.registered()
              ? null
              : read.tasks().stream().map(it -> it.task().view(it.job(), product.name())).toList();
        });
  }

  private static long skipped(int number, int size) {
    return (long) size * (number - 1);
  }

  private static String[] texts(Collection<?> values) {
    return values.stream().map(Object::toString).toArray(String[]::new);
  }
}
