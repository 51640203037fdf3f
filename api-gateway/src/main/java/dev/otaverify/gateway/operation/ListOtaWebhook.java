// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers the webhooks of the account, the oldest first, without their secrets. Ours; the vendor has no such operation. */
final class ListOtaWebhook implements Operation {
  private final Webhooks webhooks;

  ListOtaWebhook(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public String action() {
    return "ListOTAWebhook";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of();
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return webhooks.list(caller).map(all -> new Fields().withWrapped("Data", "OTAWebhook",
        all.stream().map(WebhookParameters::webhook).toList()));
  }
}
