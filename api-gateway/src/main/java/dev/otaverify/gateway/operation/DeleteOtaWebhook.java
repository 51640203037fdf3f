// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Deletes a webhook, with the log of its deliveries. Ours; the vendor has no such operation. */
final class DeleteOtaWebhook implements Operation {
  private final Webhooks webhooks;

  DeleteOtaWebhook(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public String action() {
    return "DeleteOTAWebhook";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(WebhookParameters.WEBHOOK_ID);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.WEBHOOK_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return webhooks.delete(arguments.get(WebhookParameters.WEBHOOK_ID), caller).thenReturn(new Fields());
  }
}
