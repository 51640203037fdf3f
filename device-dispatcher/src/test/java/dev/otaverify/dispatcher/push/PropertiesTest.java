// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.dispatcher.device.PushPolicy;
import dev.otaverify.dispatcher.inputs.PushProperties;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PropertiesTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void secretsAreNotShown() {
    assertThat(new MqttProperties("localhost", 1883, "dispatcher", "secret!", SECOND, 1)).asString()
        .isEqualTo("MqttProperties[dispatcher@localhost:1883]");
    assertThat(new FilesProperties("http://localhost", "secret!", SECOND)).asString()
        .isEqualTo("FilesProperties[http://localhost, PT1S]");
  }

  @Test
  void whatIsOutOfBoundsIsRefusedWithWhatWasExpected() {
    assertThatThrownBy(() -> new MqttProperties("localhost", 1883, "dispatcher", "secret!", SECOND, 0))
        .hasMessage("ota.mqtt.send-timeout, queue-capacity: PT1S, 0 (expected: positive)");
    assertThatThrownBy(() -> new FilesProperties("http://localhost/", "secret!", SECOND)).hasMessage(
        "ota.files.base-url: http://localhost/ (expected: http:// or https://, a host of up to 255 characters,"
            + " maybe a port and a path of up to 180, and no slash at the end)");
    assertThatThrownBy(() -> new PushProperties(List.of(SECOND), SECOND, SECOND, SECOND.multipliedBy(2))).hasMessage(
        "ota.dispatcher.push.message-expiry: PT2S (expected: 1s or more, and not more than the first of [PT1S])");
    assertThatThrownBy(() -> new PushPolicy(List.of(SECOND.multipliedBy(2), SECOND), SECOND, SECOND))
        .hasMessage("pauses: [PT2S, PT1S] (expected: positive, none shorter than the one before)");
  }
}
