// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.gateway.operation.Operation;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many calls an account has in any second; 0 is no limit.
 *
 * @param accounts by account and action
 * @param actions by action, for accounts that have nothing of their own
 * @param others for what is named nowhere; absent: what the operation says
 */
@ConfigurationProperties("ota.gateway.quotas")
record QuotaProperties(@DefaultValue Map<String, Map<String, Integer>> accounts,
    @DefaultValue Map<String, Integer> actions, @Nullable Integer others) {
  private static final int MOST = 1000;

  /** @throws IllegalArgumentException if a number is out of its bounds */
  QuotaProperties {
    accounts = Map.copyOf(accounts);
    actions = Map.copyOf(actions);
    actions.forEach((action, quota) -> check("actions." + action, quota));
    accounts.forEach((account, own) -> own
        .forEach((action, quota) -> check("accounts." + account + "." + action, quota)));
    if (others != null) {
      check("others", others);
    }
  }

  /** @throws IllegalArgumentException if an operation is named that there is not */
  void checkNames(Set<String> operations) {
    actions.keySet().forEach(action -> checkName("actions." + action, action, operations));
    accounts.forEach((account, own) -> own.keySet()
        .forEach(action -> checkName("accounts." + account + "." + action, action, operations)));
  }

  /** The quota of an account for an operation. */
  int of(AccountId account, Operation operation) {
    @Nullable
    Integer own = accounts.getOrDefault(account.value(), Map.of()).get(operation.action());
    if (own != null) {
      return own;
    }
    @Nullable
    Integer ofAction = actions.get(operation.action());
    if (ofAction != null) {
      return ofAction;
    }
    return others == null ? operation.callsPerSecond() : others;
  }

  private static void check(String name, int quota) {
    if (quota < 0 || quota > MOST) {
      throw new IllegalArgumentException("ota.gateway.quotas." + name + ": " + quota
          + " (expected: calls per second, 1 to " + MOST + ", or 0 for no limit)");
    }
  }

  private static void checkName(String name, String action, Set<String> operations) {
    if (!operations.contains(action)) {
      throw new IllegalArgumentException("ota.gateway.quotas." + name + ": no such operation (expected: one of "
          + operations.stream().sorted().toList() + ")");
    }
  }
}
