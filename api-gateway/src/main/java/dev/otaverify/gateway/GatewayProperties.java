// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.gateway.auth.AccessKey;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the gateway answers.
 *
 * @param instanceId the one value of {@code IotInstanceId} that is accepted; absent is accepted too
 * @param accessKeys keys of accounts that are stored at the start, unless there are or were keys of their ids
 * @param timestampWindow how far the time of a signature may be from now
 * @param aggregatorUrl where status-aggregator is
 * @param jobServiceUrl where job-service is
 * @param replyTimeout how long a command's reply is waited for
 * @param transactionLimit what job-service may need from deciding a command to its reply; a command expires so long
 *     before the end of {@code replyTimeout}
 * @param queryTimeout how long status-aggregator may take
 * @param accountTimeout how long the database of accounts may take
 * @param accountConnections how many connections to it there may be for that
 * @param secretTimeout how long job-service may take to show the secret of what was just created
 * @param defaultTimeout {@code TimeoutInMinutes} when it is absent, in whole minutes
 * @param timeoutUnit how long one minute of {@code TimeoutInMinutes} lasts; other than a minute only for demonstrations
 *     and tests
 * @param verifyJobType {@code JobType} of a verification; the default is the vendor's spelling
 */
@ConfigurationProperties("ota.gateway")
public record GatewayProperties(@DefaultValue("iot-otaverify") String instanceId,
    @DefaultValue List<AccessKey> accessKeys,
    @DefaultValue("15m") Duration timestampWindow,
    @DefaultValue("http://127.0.0.1:8083") URI aggregatorUrl,
    @DefaultValue("http://127.0.0.1:8081") URI jobServiceUrl,
    @DefaultValue("5s") Duration replyTimeout,
    @DefaultValue("2s") Duration transactionLimit,
    @DefaultValue("5s") Duration queryTimeout,
    @DefaultValue("1s") Duration accountTimeout,
    @DefaultValue("20") int accountConnections,
    @DefaultValue("2s") Duration secretTimeout,
    @DefaultValue("24h") Duration defaultTimeout,
    @DefaultValue("1m") Duration timeoutUnit,
    @DefaultValue("VERFIY_FIRMWARE") String verifyJobType) {

  /** @throws IllegalArgumentException if a value is out of its bounds */
  public GatewayProperties {
    accessKeys = List.copyOf(accessKeys);
    check(accessKeys.stream().map(AccessKey::id).distinct().count() == accessKeys.size(), "access-keys",
        accessKeys, "no id twice");
    check(!timestampWindow.isNegative(), "timestamp-window", timestampWindow, "0 or more");
    check(replyTimeout.compareTo(transactionLimit) > 0, "reply-timeout", replyTimeout,
        "more than transaction-limit, " + transactionLimit);
    check(transactionLimit.isPositive(), "transaction-limit", transactionLimit, "more than 0");
    check(queryTimeout.isPositive(), "query-timeout", queryTimeout, "more than 0");
    check(accountTimeout.isPositive(), "account-timeout", accountTimeout, "more than 0");
    check(accountConnections >= 1, "account-connections", accountConnections, "1 or more");
    check(secretTimeout.isPositive(), "secret-timeout", secretTimeout, "more than 0");
    check(defaultTimeout.equals(Duration.ofMinutes(defaultTimeout.toMinutes())) && defaultTimeout.toMinutes() >= 1
        && defaultTimeout.toMinutes() <= 1440, "default-timeout", defaultTimeout, "1 to 1440 whole minutes");
    check(timeoutUnit.isPositive(), "timeout-unit", timeoutUnit, "more than 0");
    check(!verifyJobType.isBlank(), "verify-job-type", verifyJobType, "text");
  }

  /** How long after its sending a command may still be decided. */
  public Duration commandLife() {
    return replyTimeout.minus(transactionLimit);
  }

  private static void check(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("ota.gateway." + name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
