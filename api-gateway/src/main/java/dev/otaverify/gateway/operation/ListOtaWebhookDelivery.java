// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers one page of what a webhook is or was told, the newest first. Ours; the vendor has no such operation. */
final class ListOtaWebhookDelivery implements Operation {
  private static final Parameter<FirmwareId> FIRMWARE = Parameter
      .of("FirmwareId", "the id of a firmware", FirmwareId::new).refusedWith(ErrorCode.FIRMWARE_NOT_FOUND);
  private static final Parameter<Webhooks.DeliveryState> STATE = Parameter.oneOf("State", Webhooks.DeliveryState.class);
  private static final Parameter<Integer> PAGE = Common.page().orElse(1);
  private static final Parameter<Integer> SIZE = Common.size(100).orElse(10);

  private final Webhooks webhooks;

  ListOtaWebhookDelivery(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public String action() {
    return "ListOTAWebhookDelivery";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(WebhookParameters.WEBHOOK_ID, FIRMWARE, STATE, PAGE, SIZE);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.WEBHOOK_NOT_FOUND, ErrorCode.INVALID_PAGE);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return webhooks
        .deliveries(arguments.get(WebhookParameters.WEBHOOK_ID), arguments.find(FIRMWARE), arguments.find(STATE),
            arguments.get(PAGE), arguments.get(SIZE), caller)
        .map(page -> Common.paged(new Fields(), page).withWrapped("Data", "OTAWebhookDelivery",
            page.items().stream().map(ListOtaWebhookDelivery::delivery).toList()));
  }

  private static Fields delivery(Webhooks.Delivery delivery) {
    return new Fields().with("EventId", delivery.eventId()).with("FirmwareId", delivery.firmwareId())
        .with("EventType", delivery.type()).with("State", delivery.state()).with("Attempts", delivery.attempts())
        .with("UtcLastAttempt", delivery.attemptedAt()).with("HttpStatus", delivery.status())
        .with("Error", delivery.error()).with("DurationInMillis", delivery.durationMillis())
        .with("UtcCreate", delivery.recordedAt()).with("UtcDelivered", delivery.deliveredAt());
  }
}
