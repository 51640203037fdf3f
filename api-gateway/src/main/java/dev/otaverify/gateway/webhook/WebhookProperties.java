// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How webhooks are sent, and for how long.
 *
 * @param allowLoopback whether an endpoint may be on the machine of the gateway
 * @param deniedNetworks further networks that no endpoint may be in, such as {@code 10.0.0.0/8}
 * @param perAccount how many webhooks an account may have
 * @param connectTimeout how long connecting may take
 * @param timeout how long one attempt may take in all
 * @param lease how long a sender has hold of a line without saying so again; what a killed one held is sent by another after that
 * @param concurrency how many attempts one gateway makes at a time
 * @param concurrencyPerWebhook how many of them for one webhook
 * @param pollInterval how often it is looked for what another gateway has recorded or what is due again
 * @param firstRetry pause after the first failure; doubled each time
 * @param longestRetry the longest pause, also of those that an endpoint asks for
 * @param disableAfter a webhook with nothing but failures for so long is disabled
 * @param formerSecretValidity how long a secret goes on signing when there is a new one
 * @param deliveredRetention how long the log keeps what was delivered
 * @param waitingRetention how long it keeps what was not
 */
@ConfigurationProperties("ota.webhooks")
record WebhookProperties(@DefaultValue("false") boolean allowLoopback, @DefaultValue List<String> deniedNetworks,
    @DefaultValue("10") int perAccount, @DefaultValue("3s") Duration connectTimeout,
    @DefaultValue("10s") Duration timeout, @DefaultValue("30s") Duration lease, @DefaultValue("64") int concurrency,
    @DefaultValue("8") int concurrencyPerWebhook, @DefaultValue("1s") Duration pollInterval,
    @DefaultValue("5s") Duration firstRetry, @DefaultValue("1h") Duration longestRetry,
    @DefaultValue("5d") Duration disableAfter, @DefaultValue("24h") Duration formerSecretValidity,
    @DefaultValue("7d") Duration deliveredRetention, @DefaultValue("30d") Duration waitingRetention) {
  private static final int MOST = 1000;

  /** @throws IllegalArgumentException if a value is out of its bounds */
  WebhookProperties {
    deniedNetworks = List.copyOf(deniedNetworks);
    deniedNetworks.forEach(Network::parse);
    check(perAccount >= 0 && perAccount <= MOST, "per-account", perAccount, "0 to " + MOST);
    check(connectTimeout.toMillis() > 0, "connect-timeout", connectTimeout, "1ms or more");
    check(timeout.compareTo(connectTimeout) >= 0, "timeout", timeout, "connect-timeout or more");
    check(lease.compareTo(timeout.multipliedBy(2)) >= 0, "lease", lease, "twice the timeout or more");
    check(concurrency >= 1 && concurrency <= MOST, "concurrency", concurrency, "1 to " + MOST);
    check(concurrencyPerWebhook >= 1 && concurrencyPerWebhook <= concurrency, "concurrency-per-webhook",
        concurrencyPerWebhook, "1 to concurrency, " + concurrency);
    check(pollInterval.toMillis() > 0, "poll-interval", pollInterval, "1ms or more");
    check(firstRetry.toMillis() > 0, "first-retry", firstRetry, "1ms or more");
    check(longestRetry.compareTo(firstRetry) >= 0, "longest-retry", longestRetry, "first-retry or more");
    check(disableAfter.isPositive(), "disable-after", disableAfter, "more than 0");
    check(!formerSecretValidity.isNegative(), "former-secret-validity", formerSecretValidity, "0 or more");
    check(deliveredRetention.isPositive(), "delivered-retention", deliveredRetention, "more than 0");
    check(waitingRetention.compareTo(disableAfter) > 0, "waiting-retention", waitingRetention,
        "more than disable-after, " + disableAfter);
  }

  /** Where endpoints may be. */
  AddressPolicy addresses() {
    var denied = deniedNetworks.stream().map(Network::parse);
    return new AddressPolicy(
        Stream.concat(denied, allowLoopback ? Stream.of() : AddressPolicy.LOOPBACK.stream()).toList());
  }

  private static void check(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("ota.webhooks." + name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
