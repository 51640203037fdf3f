// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.WebhookId;
import dev.otaverify.gateway.operation.Webhooks;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Has nothing to do with users who are limited to products: a webhook is told of all products of the account. */
public final class LimitedWebhooks implements Webhooks {
  private final Webhooks webhooks;

  /** @param webhooks of the whole account */
  public LimitedWebhooks(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public Mono<Created> create(Settings settings, Caller caller) {
    return unlimited(caller, () -> webhooks.create(settings, caller));
  }

  @Override
  public Mono<Webhook> update(WebhookId id, Settings settings, Caller caller) {
    return unlimited(caller, () -> webhooks.update(id, settings, caller));
  }

  @Override
  public Mono<Secret> rotateSecret(WebhookId id, Caller caller) {
    return unlimited(caller, () -> webhooks.rotateSecret(id, caller));
  }

  @Override
  public Mono<Void> delete(WebhookId id, Caller caller) {
    return unlimited(caller, () -> webhooks.delete(id, caller));
  }

  @Override
  public Mono<List<Webhook>> list(Caller caller) {
    return unlimited(caller, () -> webhooks.list(caller));
  }

  @Override
  public Mono<Page<Delivery>> deliveries(WebhookId id, @Nullable FirmwareId firmware, @Nullable DeliveryState state,
      int page, int size, Caller caller) {
    return unlimited(caller, () -> webhooks.deliveries(id, firmware, state, page, size, caller));
  }

  @Override
  public Mono<Void> resend(WebhookId id, String eventId, Caller caller) {
    return unlimited(caller, () -> webhooks.resend(id, eventId, caller));
  }

  private static <T> Mono<T> unlimited(Caller caller, Supplier<Mono<T>> call) {
    return caller.permissions().products() == null
        ? call.get()
        : Mono.error(new GatewayException(403, "Forbidden.RAM",
            "User not authorized to operate on the specified resource: a user who is limited to products has no webhooks.",
            ""));
  }
}
