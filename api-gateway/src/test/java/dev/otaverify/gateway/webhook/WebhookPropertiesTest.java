// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class WebhookPropertiesTest {

  /** What holds when nothing is configured, but for loopback. */
  static WebhookProperties properties(boolean allowLoopback) {
    return bind(Map.of("allow-loopback", Boolean.toString(allowLoopback)));
  }

  private static WebhookProperties bind(Map<String, String> values) {
    var properties = new HashMap<String, String>();
    values.forEach((name, value) -> properties.put("ota.webhooks." + name, value));
    return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("ota.webhooks",
        WebhookProperties.class);
  }

  @Test
  void theDefaultsHold() {
    assertThat(bind(Map.of()).allowLoopback()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
                         per-account, 1001
                         connect-timeout, 0s
                         timeout, 1s
                         lease, 19s
                         concurrency, 0
                         concurrency-per-webhook, 65
                         poll-interval, 0s
                         first-retry, 0s
                         longest-retry, 1s
                         disable-after, 0s
                         former-secret-validity, -1s
                         delivered-retention, 0s
                         waiting-retention, 5d
                         denied-networks, 10.0.0.0
                         """)
  void aValueOutOfItsBoundsIsRefusedByName(String name, String value) {
    assertThatThrownBy(() -> bind(Map.of(name, value))).rootCause().isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("ota.webhooks." + name + ": ").hasMessageContaining("(expected: ");
  }
}
