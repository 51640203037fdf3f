// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.Arguments;
import dev.otaverify.gateway.operation.Operation;
import dev.otaverify.gateway.operation.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class QuotaPropertiesTest {
  private static final AccountId ACME = new AccountId("acme");
  private static final AccountId OTHER = new AccountId("other");

  /** An operation with a quota of its own of 10. */
  private record Named(String action) implements Operation {
    @Override
    public List<Parameter<?>> parameters() {
      return List.of();
    }

    @Override
    public Mono<Fields> call(Arguments arguments, Caller caller) {
      return Mono.empty();
    }
  }

  @Test
  void theMostParticularHolds() {
    var quotas = new QuotaProperties(Map.of("acme", Map.of("A", 1)), Map.of("A", 2, "B", 3), 4);

    assertThat(quotas.of(ACME, new Named("A"))).isEqualTo(1);
    assertThat(quotas.of(OTHER, new Named("A"))).isEqualTo(2);
    assertThat(quotas.of(ACME, new Named("B"))).isEqualTo(3);
    assertThat(quotas.of(ACME, new Named("C"))).isEqualTo(4);
    assertThat(new QuotaProperties(Map.of(), Map.of(), null).of(ACME, new Named("C"))).isEqualTo(10);
  }

  @Test
  void aNumberOutOfBoundsOrANameOfNothingIsRefused() {
    assertThatThrownBy(() -> new QuotaProperties(Map.of(), Map.of("A", 1001), null))
        .hasMessageContaining("ota.gateway.quotas.actions.A: 1001");
    assertThatThrownBy(() -> new QuotaProperties(Map.of("acme", Map.of("A", -1)), Map.of(), null))
        .hasMessageContaining("ota.gateway.quotas.accounts.acme.A: -1");
    assertThatThrownBy(() -> new QuotaProperties(Map.of(), Map.of(), -1))
        .hasMessageContaining("ota.gateway.quotas.others: -1");
    var quotas = new QuotaProperties(Map.of(), Map.of("A", 1), null);
    assertThatCode(() -> quotas.checkNames(Set.of("A", "B"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> quotas.checkNames(Set.of("B"))).hasMessageContaining("ota.gateway.quotas.actions.A");
  }
}
