// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.ModuleView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.ProductView;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.TaskHistoryView;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.NotFound;
import dev.otaverify.gateway.operation.Views;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Shows only what belongs to products that there are for the caller; the rest does not exist. */
public final class LimitedViews implements Views {
  private final Views views;

  /** @param views of the whole account, whose lists know the caller's products */
  public LimitedViews(Views views) {
    this.views = views;
  }

  @Override
  public Mono<FirmwareView> firmware(FirmwareId id, Caller caller) {
    return limited(views.firmware(id, caller), view -> view.spec().productKey(), caller, () -> NotFound.firmware(id));
  }

  @Override
  public Mono<JobView> job(JobId id, Caller caller) {
    return limited(views.job(id, caller), JobView::productKey, caller, () -> NotFound.job(id));
  }

  @Override
  public Mono<Page<TaskView>> tasks(JobId job, @Nullable TaskStatus status, List<DeviceName> devices, int page,
      int size, Caller caller) {
    var tasks = views.tasks(job, status, devices, page, size, caller);
    return isLimited(caller) ? job(job, caller).then(tasks) : tasks;
  }

  @Override
  public Mono<TaskHistoryView> history(TaskId task, int page, int size, Caller caller) {
    return limited(views.history(task, page, size, caller), view -> view.task().productKey(), caller,
        () -> NotFound.task(task));
  }

  @Override
  public Mono<ProductView> product(ProductKey key, Caller caller) {
    return ofProduct(key, views.product(key, caller), caller);
  }

  @Override
  public Mono<Page<ProductView>> products(int page, int size, Caller caller) {
    return views.products(page, size, caller);
  }

  @Override
  public Mono<List<ModuleView>> modules(ProductKey key, Caller caller) {
    return ofProduct(key, views.modules(key, caller), caller);
  }

  @Override
  public Mono<Page<DeviceView>> devices(ProductKey key, int page, int size, Caller caller) {
    return ofProduct(key, views.devices(key, page, size, caller), caller);
  }

  @Override
  public Mono<List<DeviceView>> devices(ProductKey key, List<DeviceName> names, Caller caller) {
    return ofProduct(key, views.devices(key, names, caller), caller);
  }

  @Override
  public Mono<List<DeviceView>> devicesOf(ProductKey key, List<IotId> iotIds, Caller caller) {
    return maySee(key, caller) ? views.devicesOf(key, iotIds, caller) : Mono.just(List.of());
  }

  @Override
  public Mono<DeviceView> device(ProductKey key, DeviceName name, Caller caller) {
    return maySee(key, caller) ? views.device(key, name, caller) : Mono.error(NotFound.device("DeviceName: " + name));
  }

  @Override
  public Mono<DeviceView> device(IotId iotId, Caller caller) {
    return maySee(iotId.productKey(), caller)
        ? views.device(iotId, caller)
        : Mono.error(NotFound.device("IotId: " + iotId));
  }

  @Override
  public Mono<Page<FirmwareView>> firmware(@Nullable ProductKey product, @Nullable String version, int page, int size,
      Caller caller) {
    return product == null || maySee(product, caller)
        ? views.firmware(product, version, page, size, caller)
        // As for a product that there is not.
        : Mono.just(new Page<>(List.of(), page, size, 0));
  }

  @Override
  public Mono<Page<JobView>> jobs(FirmwareId firmware, @Nullable DeviceName device, int page, int size,
      Caller caller) {
    var jobs = views.jobs(firmware, device, page, size, caller);
    return isLimited(caller) ? firmware(firmware, caller).then(jobs) : jobs;
  }

  @Override
  public Mono<List<TaskView>> openTasks(ProductKey key, DeviceName device, TaskStatus status,
      @Nullable ModuleName module, Caller caller) {
    return maySee(key, caller)
        ? views.openTasks(key, device, status, module, caller)
        : Mono.error(NotFound.device("DeviceName: " + device));
  }

  private static boolean isLimited(Caller caller) {
    return caller.permissions().products() != null;
  }

  private static boolean maySee(ProductKey key, Caller caller) {
    return caller.permissions().maySee(key);
  }

  private static <T> Mono<T> limited(Mono<T> view, Function<T, ProductKey> product, Caller caller,
      Supplier<RefusedException> notFound) {
    return isLimited(caller)
        ? view.filter(found -> maySee(product.apply(found), caller)).switchIfEmpty(Mono.error(notFound))
        : view;
  }

  private static <T> Mono<T> ofProduct(ProductKey key, Mono<T> view, Caller caller) {
    return maySee(key, caller) ? view : Mono.error(NotFound.product(key));
  }
}
