// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeTest {
  private static final String PUSH = """
                                     {"code":"1000","data":{"size":4096,"version":"2.0.0","isDiff":0,"url":"http://127.0.0.1/f","signMethod":"Md5",
                                     "sign":"0cc175b9c0f1b6a831c399e269772661","md5":"0cc175b9c0f1b6a831c399e269772661","module":"default",
                                     "extData":{"_package_udi":"…"}},"id":1507707025,"message":"success"}""";

  @Test
  void aPushIsRead() {
    assertThat(read(PUSH)).contains(new Upgrade("2.0.0", URI.create("http://127.0.0.1/f"), 4096, "MD5",
        "0cc175b9c0f1b6a831c399e269772661", "default"));
    assertThat(read(PUSH.replace("Md5", "SHA256"))).map(Upgrade::digest).contains("SHA-256");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"version\":\"2.0.0\",", "\"url\":\"http://127.0.0.1/f\",", "\"size\":4096,",
      "\"signMethod\":\"Md5\",", "\"sign\":\"0cc175b9c0f1b6a831c399e269772661\","})
  void aPushWithoutWhatADeviceNeedsIsNone(String left) {
    assertThat(PUSH).contains(left);
    assertThat(read(PUSH.replace(left, ""))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "{\"id\":1,\"code\":200,\"data\":{}}"})
  void whatIsNoPushIsNone(String payload) {
    assertThat(read(payload)).isEmpty();
  }

  @Test
  void aSpellingThatTheSdkForCDoesNotKnowIsNone() {
    assertThat(read(PUSH.replace("Md5", "MD5"))).isEmpty();
  }

  private static Optional<Upgrade> read(String payload) {
    return Upgrade.read(payload.getBytes(StandardCharsets.UTF_8));
  }
}
