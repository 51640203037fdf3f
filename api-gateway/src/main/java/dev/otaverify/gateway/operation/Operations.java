// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All operations there are. */
public final class Operations {
  private final Map<String, Operation> byAction;

  /** The operations on top of what they use. */
  public Operations(Commands commands, Views views, Secrets secrets, FirmwareFiles files, Webhooks webhooks,
      OperationSettings settings) {
    this.byAction = List.<Operation>of(
        new CreateProduct(commands, secrets),
        new QueryProduct(views, secrets),
        new QueryProductList(views),
        new UpdateProduct(commands),
        new DeleteProduct(commands),
        new ImportProduct(commands, secrets),
        new RegisterDevice(commands, secrets),
        new QueryDevice(views, secrets),
        new QueryDeviceDetail(views, secrets),
        new QueryDeviceInfo(views, secrets),
        new GetDeviceStatus(views),
        new BatchGetDeviceState(views),
        new SetThingEnabled(views, commands, false),
        new SetThingEnabled(views, commands, true),
        new DeleteDevice(views, commands),
        new ImportDevice(commands, secrets),
        new CreateOtaModule(commands),
        new UpdateOtaModule(commands),
        new DeleteOtaModule(commands),
        new ListOtaModuleByProduct(views),
        new ListOtaModuleVersionsByDevice(views),
        new GenerateOtaUploadUrl(files),
        new CreateOtaFirmware(commands, files),
        new CreateOtaVerifyJob(commands, settings),
        new QueryOtaFirmware(views),
        new ListOtaFirmware(views),
        new DeleteOtaFirmware(commands),
        new QueryOtaJob(views, settings),
        new ListOtaJobByFirmware(views, settings),
        new ListOtaJobByDevice(views, settings),
        new ListOtaTaskByJob(views, settings),
        new ListOtaTaskHistory(views),
        new ListOtaUnfinishedTaskByDevice(views),
        new ConfirmOtaTask(commands),
        new CancelOtaTaskByJob(views, commands),
        new CancelOtaTaskByDevice(views, commands),
        new CreateOtaStaticUpgradeJob(views),
        new CreateOtaDynamicUpgradeJob(views),
        new CreateOtaWebhook(webhooks),
        new UpdateOtaWebhook(webhooks),
        new RotateOtaWebhookSecret(webhooks),
        new DeleteOtaWebhook(webhooks),
        new ListOtaWebhook(webhooks),
        new ListOtaWebhookDelivery(webhooks),
        new ResendOtaWebhookDelivery(webhooks))
        .stream().collect(Collectors.toUnmodifiableMap(Operation::action, Function.identity()));
  }

  /** The operation of this name. */
  public Optional<Operation> find(String action) {
    return Optional.ofNullable(byAction.get(action));
  }

  /** All of them, by name. */
  public Map<String, Operation> all() {
    return byAction;
  }
}
