// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Changes a webhook; what is not given stays. Its waiting events are tried again at once, so {@code Enabled} alone is a way to say
 * that the endpoint is back. Ours; the vendor has no such operation. */
final class UpdateOtaWebhook implements Operation {
  private static final Parameter<Boolean> ENABLED = Parameter.flag("Enabled");

  private final Webhooks webhooks;

  UpdateOtaWebhook(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public String action() {
    return "UpdateOTAWebhook";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(WebhookParameters.WEBHOOK_ID, WebhookParameters.URL, WebhookParameters.EVENT_TYPES,
        WebhookParameters.DESCRIPTION, ENABLED);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.WEBHOOK_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var settings = new Webhooks.Settings(arguments.find(WebhookParameters.URL), WebhookParameters.eventTypes(arguments),
        arguments.find(WebhookParameters.DESCRIPTION), arguments.find(ENABLED));
    return webhooks.update(arguments.get(WebhookParameters.WEBHOOK_ID), settings, caller)
        .map(webhook -> new Fields().with("Data", WebhookParameters.webhook(webhook)));
  }
}
