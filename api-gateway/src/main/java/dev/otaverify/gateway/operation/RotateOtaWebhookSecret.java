// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Gives a webhook another secret and answers it. For a while the former one signs too; one from before that no more. Ours; the vendor has no such operation. */
final class RotateOtaWebhookSecret implements Operation {
  private final Webhooks webhooks;

  RotateOtaWebhookSecret(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public String action() {
    return "RotateOTAWebhookSecret";
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
  public int callsPerSecond() {
    return 2;
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return webhooks.rotateSecret(arguments.get(WebhookParameters.WEBHOOK_ID), caller)
        .map(secret -> new Fields().with("Data", WebhookParameters.secret(new Fields(), secret)));
  }
}
