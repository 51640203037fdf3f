// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StandardWebhooksTest {

  @Test
  void theSignatureIsThatOfThePublishedExample() {
    // Of the tests of the libraries at github.com/standard-webhooks.
    assertThat(StandardWebhooks.sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330, "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void aNewSecretIsOfTheStandardsFormAndItsSignaturesAreVerifiedByItsLibrary() throws Exception {
    var secret = StandardWebhooks.newSecret();
    var body = "{\"name\":\"设备\"}";
    long now = Instant.now().getEpochSecond();

    assertThat(secret).startsWith("whsec_");
    assertThat(Base64.getDecoder().decode(secret.substring(6))).hasSizeBetween(24, 64);
    assertThat(StandardWebhooks.newSecret()).isNotEqualTo(secret);
    new Webhook(secret).verify(body, Map.of("webhook-id", List.of("job-service:x:1"), "webhook-timestamp",
        List.of(Long.toString(now)), "webhook-signature",
        List.of(StandardWebhooks.sign(secret, "job-service:x:1", now, body.getBytes(StandardCharsets.UTF_8)))));
  }
}
