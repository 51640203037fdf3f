// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/** Has one event sent to a webhook again, with the same {@code webhook-id}; or at once, if it waits. Ours; the vendor has no such operation. */
final class ResendOtaWebhookDelivery implements Operation {
  private static final Parameter<String> EVENT_ID = Parameter
      .text("EventId", "the id of an event in the log of the webhook", Pattern.compile("[\\x21-\\x7e]{1,256}"))
      .refusedWith(ErrorCode.WEBHOOK_DELIVERY_NOT_FOUND).required();

  private final Webhooks webhooks;

  ResendOtaWebhookDelivery(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public String action() {
    return "ResendOTAWebhookDelivery";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(WebhookParameters.WEBHOOK_ID, EVENT_ID);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.WEBHOOK_NOT_FOUND, ErrorCode.WEBHOOK_DELIVERY_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return webhooks.resend(arguments.get(WebhookParameters.WEBHOOK_ID), arguments.get(EVENT_ID), caller)
        .thenReturn(new Fields());
  }
}
