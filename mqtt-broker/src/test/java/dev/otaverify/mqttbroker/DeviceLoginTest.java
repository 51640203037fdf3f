// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vectors are logins that the vendor's SDKs sent. */
class DeviceLoginTest {
  private static final String SECRET = "devsecret0123456789";
  private static final String NODE_CLIENT = "a1VJwBw0000&testdevice|securemode=3,signmethod=hmacsha1,timestamp=1795445130382,lan=NodeJS,_v=1.2.8|";
  private static final String NODE_USER = "testdevice&a1VJwBw0000";
  private static final String NODE_PASSWORD = "0a6629beefe31ceea647550212b103778f9dc241";
  private static final String C_CLIENT = "a1VJwBw0000.cdevice|timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,securemode=3,signmethod=hmacsha256,ext=3,_conn=tls_1|";
  private static final String C_USER = "cdevice&a1VJwBw0000";
  private static final String C_PASSWORD = "57C865C45F545BC60410470F8DE84386B1ECAF28E372649F1464E4FDA9D1A0E6";

  @Test
  void theLoginOfTheSdkForNodeIsAccepted() {
    var login = DeviceLogin.of(NODE_USER, NODE_CLIENT).orElseThrow();

    assertThat(login.device())
        .isEqualTo(new DeviceId(new ProductKey("a1VJwBw0000"), new DeviceName("testdevice")));
    assertThat(login.wantsImplicitSubscriptions()).isFalse();
    assertThat(signed(login, SECRET, NODE_PASSWORD)).isTrue();
    assertThat(signed(login, SECRET, NODE_PASSWORD.replace('0', '1'))).isFalse();
    assertThat(signed(login, "another secret", NODE_PASSWORD)).isFalse();
  }

  @Test
  void theLoginOfTheSdkForCIsAcceptedInEitherCase() {
    var login = DeviceLogin.of(C_USER, C_CLIENT).orElseThrow();

    assertThat(login.wantsImplicitSubscriptions()).isTrue();
    assertThat(signed(login, SECRET, C_PASSWORD)).isTrue();
    assertThat(signed(login, SECRET, C_PASSWORD.toLowerCase(Locale.ROOT))).isTrue();
  }

  @Test
  void sha1IsAcceptedWhereSha256WasAnnouncedAndNotTheOtherWayRound() {
    var announcesMore = DeviceLogin.of(NODE_USER, NODE_CLIENT.replace("hmacsha1", "hmacsha256")).orElseThrow();
    var announcesLess = DeviceLogin.of(C_USER, C_CLIENT.replace("hmacsha256", "hmacsha1")).orElseThrow();

    assertThat(signed(announcesMore, SECRET, NODE_PASSWORD)).isTrue();
    assertThat(signed(announcesLess, SECRET, C_PASSWORD)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"hmacmd5,77ab4e1193c3b8abd1e7eb1f2a5ebb0f", "hmacnone,''", "hmacsha1,''"})
  void aPasswordThatWasMadeWithoutTheSecretIsRefused(String method, String password) {
    var login = DeviceLogin.of(NODE_USER, NODE_CLIENT.replace("hmacsha1", method)).orElseThrow();

    assertThat(signed(login, SECRET, password)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "id", "id|", "id|securemode=3", "|", "securemode=3|"})
  void aClientIdWithoutParametersBetweenBarsIsNoLogin(String clientId) {
    assertThat(DeviceLogin.of(NODE_USER, clientId)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&", "testdevice", "testdevice&", "&a1VJwBw0000", "abc&a1VJwBw0000",
      "test+device&a1VJwBw0000",
      "testdevice&b1VJwBw0000", "testdevice&a1VJwBw0000/x"})
  void aUserNameThatIsNotADeviceAndAProductIsNoLogin(String userName) {
    assertThat(DeviceLogin.of(userName, NODE_CLIENT)).isEmpty();
  }

  private static boolean signed(DeviceLogin login, String secret, String password) {
    return login.isSignedWith(secret, password.getBytes(StandardCharsets.UTF_8));
  }
}
