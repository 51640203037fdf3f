// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import org.junit.jupiter.api.Test;

class SigningTest {
  private static final DeviceId DEVICE = new DeviceId(new ProductKey("a1VJwBw0000"), new DeviceName("cdevice"));

  @Test
  void aPasswordIsTheOneThatTheVendorsSdkForCSends() {
    assertThat(Signing.HMAC_SHA256.password("a1VJwBw0000.cdevice", DEVICE, "devsecret0123456789"))
        .isEqualToIgnoringCase("57C865C45F545BC60410470F8DE84386B1ECAF28E372649F1464E4FDA9D1A0E6");
    assertThat(Signing.userName(DEVICE)).isEqualTo("cdevice&a1VJwBw0000");
  }

  @Test
  void aMethodIsReadAsADeviceWritesIt() {
    assertThat(Signing.of("hmacmd5")).isEqualTo(Signing.HMAC_MD5);
    assertThat(Signing.HMAC_MD5.password("a1VJwBw0000.cdevice", DEVICE, "devsecret0123456789")).hasSize(32);
  }

  @Test
  void aClientIdSaysHowItWasSignedAndWhatIsReliedOn() {
    assertThat(Signing.HMAC_SHA256.clientId("id", true)).startsWith("id|").endsWith("|")
        .contains("signmethod=hmacsha256", "_ss=1");
    assertThat(Signing.HMAC_SHA1.clientId("id", false)).contains("signmethod=hmacsha1").doesNotContain("_ss");
  }
}
