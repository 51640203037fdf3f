// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.auth.Permissions;
import dev.otaverify.gateway.operation.WebhookId;
import dev.otaverify.gateway.operation.Webhooks;
import dev.otaverify.gateway.operation.Webhooks.Settings;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class LimitedWebhooksTest {
  private static final WebhookId ID = WebhookId.of(CommandId.of("k", "hook"));
  private static final Settings SETTINGS = new Settings("http://host/", null, null, null);

  private final List<String> called = new ArrayList<>();
  private final Webhooks webhooks = new LimitedWebhooks((Webhooks) Proxy.newProxyInstance(
      Webhooks.class.getClassLoader(), new Class<?>[]{Webhooks.class}, (proxy, method, arguments) -> {
        called.add(method.getName());
        return Mono.empty();
      }));

  @Test
  void aUserWhoIsLimitedToProductsHasNoWebhooks() {
    var limited = caller(new Permissions(null, Set.of(ProductKey.of(CommandId.of("k", "product")))));

    for (var call : calls()) {
      assertThatThrownBy(() -> call.apply(limited).block()).hasMessageContaining("Forbidden.RAM");
    }

    assertThat(called).isEmpty();
  }

  @Test
  void aUserWhoIsNotHas() {
    var unlimited = caller(new Permissions(Set.of("*"), null));

    calls().forEach(call -> call.apply(unlimited).block());

    assertThat(called).containsExactly("create", "update", "rotateSecret", "delete", "list", "deliveries", "resend");
  }

  private List<Function<Caller, Mono<?>>> calls() {
    return List.of(caller -> webhooks.create(SETTINGS, caller), caller -> webhooks.update(ID, SETTINGS, caller),
        caller -> webhooks.rotateSecret(ID, caller), caller -> webhooks.delete(ID, caller), webhooks::list,
        caller -> webhooks.deliveries(ID, null, null, 1, 10, caller), caller -> webhooks.resend(ID, "e", caller));
  }

  private static Caller caller(Permissions permissions) {
    return new Caller(new AccountId("acme"), permissions, CommandId.of("k", "n"), "f".repeat(64), "00-trace");
  }
}
