// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.kit.deadletters.DeadLetter.Place;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ShownTest {
  @Test
  void jsonIsShownWithoutSecretsWhereverTheyStand() {
    assertThat(shown(
        """
        {"deviceSecret": "s3", "in": [{"accessToken": 1, "url": "https://me:pw@host/f.bin?X-Sign=s3#x"}], "n": 1}"""))
        .isEqualToNormalizingWhitespace(
            """
            {"deviceSecret" : "***",
             "in" : [ {"accessToken" : "***", "url" : "https://***@host/f.bin?***"} ],
             "n" : 1}""".replace("{\"", "{ \"").replace("\"}", "\" }").replace("1}", "1 }"));
  }

  @Test
  void whatIsNoJsonIsShownAsTextElseInHexAndNotAtAllIfItMayHoldASecret() {
    assertThat(shown("{\"cut off")).isEqualTo("{\"cut off");
    assertThat(Shown.value(new byte[]{(byte) 0xff, 0, 1})).isEqualTo("ff0001");
    assertThat(shown("{\"deviceSecret\": \"s3")).isEqualTo("not shown: it may hold a secret");
    assertThat(Shown.value("Password=s3".getBytes(StandardCharsets.UTF_16LE)))
        .isEqualTo("not shown: it may hold a secret");
    assertThat(Shown.value(null)).isEqualTo("none");
    assertThat(Shown.header("x-auth-token", "s3")).isEqualTo("***");
  }

  @Test
  void nothingSteersTheTerminal() {
    assertThat(Shown.line("a\u001b[2Jb\nc")).isEqualTo("a?[2Jb c");
    assertThat(shown("{\"a\": \"\\u001b[2J\"}")).doesNotContain("\u001b");
  }

  @Test
  void anIdIsATopicAPartitionAndAnOffset() {
    assertThat(Place.of("ota.commands.dlt-3@17")).isEqualTo(new Place(new TopicPartition("ota.commands.dlt", 3), 17))
        .hasToString("ota.commands.dlt-3@17");
    for (var wrong : new String[]{"ota.commands-3@17", "ota.commands.dlt-3", "ota.commands.dlt@1", "17", ""}) {
      assertThatThrownBy(() -> Place.of(wrong)).hasMessageContaining("id: " + wrong + " (expected: ");
    }
  }

  private static String shown(String value) {
    return Shown.value(value.getBytes(StandardCharsets.UTF_8));
  }
}
