// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers one page of the jobs of a firmware that are for a device, the newest first. */
final class ListOtaJobByDevice implements Query {
  private static final Parameter<DeviceName> DEVICE_NAME = Common.deviceName("DeviceName").required();
  private static final Parameter<Integer> PAGE = Common.page().required();
  private static final Parameter<Integer> SIZE = Common.size(200).required();

  private final Views views;
  private final OperationSettings settings;

  ListOtaJobByDevice(Views views, OperationSettings settings) {
    this.views = views;
    this.settings = settings;
  }

  @Override
  public String action() {
    return "ListOTAJobByDevice";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.FIRMWARE_ID, Common.PRODUCT_KEY, DEVICE_NAME, PAGE, SIZE);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.FIRMWARE_NOT_FOUND, ErrorCode.DEVICE_NOT_FOUND, ErrorCode.INVALID_PAGE);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return views.device(arguments.get(Common.PRODUCT_KEY), arguments.get(DEVICE_NAME), caller)
        .flatMap(device -> views.jobs(arguments.get(Common.FIRMWARE_ID), device.deviceName(), arguments.get(PAGE),
            arguments.get(SIZE), caller))
        .map(page -> Common.paged(new Fields(), page).withWrapped("Data", "SimpleOTAJobInfo",
            page.items().stream().map(job -> Common.job(job, settings)).toList()));
  }
}
