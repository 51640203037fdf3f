// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.TaskHistoryView;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.contracts.query.ModuleView;
import dev.otaverify.contracts.query.ProductView;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What is known, as status-aggregator answers it: never older than what was acknowledged before the question. What does
 * not exist for the caller's account is a {@link dev.otaverify.gateway.api.RefusedException}.
 */
public interface Views {
  /** A firmware of the caller's account. */
  Mono<FirmwareView> firmware(FirmwareId id, Caller caller);

  /** A job of the caller's account. */
  Mono<JobView> job(JobId id, Caller caller);

  /**
   * One page of a job's tasks.
   *
   * @param devices only of these; empty: of all
   */
  Mono<Page<TaskView>> tasks(JobId job, @Nullable TaskStatus status, List<DeviceName> devices, int page, int size,
      Caller caller);

  /** One page of the history of a task, the oldest entry first. */
  Mono<TaskHistoryView> history(TaskId task, int page, int size, Caller caller);

  /** A product of the caller's account. */
  Mono<ProductView> product(ProductKey key, Caller caller);

  /** One page of the products of the caller's account, the newest first. */
  Mono<Page<ProductView>> products(int page, int size, Caller caller);

  /** The modules of a product besides the default one, the oldest first. */
  Mono<List<ModuleView>> modules(ProductKey key, Caller caller);

  /** One page of the devices of a product, the newest first. */
  Mono<Page<DeviceView>> devices(ProductKey key, int page, int size, Caller caller);

  /** Those of these devices that the product has. */
  Mono<List<DeviceView>> devices(ProductKey key, List<DeviceName> names, Caller caller);

  /** Those of these devices that the product has. */
  Mono<List<DeviceView>> devicesOf(ProductKey key, List<IotId> iotIds, Caller caller);

  /** A device. */
  Mono<DeviceView> device(ProductKey key, DeviceName name, Caller caller);

  /** A device by the platform's own name of it. */
  Mono<DeviceView> device(IotId iotId, Caller caller);

  /**
   * One page of the firmware of the caller's account, the newest first.
   *
   * @param product null for all
   * @param version null for any
   */
  Mono<Page<FirmwareView>> firmware(@Nullable ProductKey product, @Nullable String version, int page, int size,
      Caller caller);

  /**
   * One page of the jobs of a firmware, the newest first.
   *
   * @param device one that they must be for; null for any
   */
  Mono<Page<JobView>> jobs(FirmwareId firmware, @Nullable DeviceName device, int page, int size, Caller caller);

  /**
   * The tasks of a device that have not ended, the newest first.
   *
   * @param module null for any
   */
  Mono<List<TaskView>> openTasks(ProductKey key, DeviceName device, TaskStatus status, @Nullable ModuleName module,
      Caller caller);
}
