// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Creates a webhook: an endpoint that is told of the events of the account's firmware from now on. Answers its secret. Ours; the vendor has no such operation. */
final class CreateOtaWebhook implements Operation {
  private static final Parameter<String> URL = WebhookParameters.URL.required();

  private final Webhooks webhooks;

  CreateOtaWebhook(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public String action() {
    return "CreateOTAWebhook";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(URL, WebhookParameters.EVENT_TYPES, WebhookParameters.DESCRIPTION);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.TOO_MANY_WEBHOOKS);
  }

  @Override
  public int callsPerSecond() {
    return 2;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    var settings = new Webhooks.Settings(arguments.get(URL), WebhookParameters.eventTypes(arguments),
        arguments.find(WebhookParameters.DESCRIPTION), null);
    return webhooks.create(settings, caller).map(created -> new Fields().with("Data",
        WebhookParameters.secret(WebhookParameters.webhook(created.webhook()), created.secret())));
  }
}
