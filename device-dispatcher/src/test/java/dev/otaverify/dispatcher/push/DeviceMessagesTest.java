// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.DeviceInput.FirmwareRequested;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.Wire;
import dev.otaverify.dispatcher.device.Outbound;
import dev.otaverify.dispatcher.device.Story;
import dev.otaverify.kit.DownloadLinks;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DeviceMessagesTest {
  private static final DownloadLinks LINKS = new DownloadLinks("0123456789abcdef");
  private static final String URL = "http://files.example"
      + LINKS.path("f1", Story.T0.plus(Duration.ofHours(24)));
  private static final DeviceMessages MESSAGES = new DeviceMessages(LINKS, "http://files.example",
      Duration.ofHours(24));

  private static FirmwareRequested request(String messageId, boolean legacy) {
    return new FirmwareRequested(Story.DEVICE, ModuleName.DEFAULT, messageId, legacy, Story.T0);
  }

  @Test
  void aPushHasEveryFieldThatSomeSdkInsistsOn() {
    var message = MESSAGES.of(new Outbound.Push(Story.assign(), 1), Story.T0);

    assertThat(message.topic()).isEqualTo("/ota/device/upgrade/" + Story.PRODUCT + "/device-1");
    var id = Wire.JSON.readTree(message.payload()).get("id").intValue();
    assertThat(id).isNotNegative();
    assertThat(message.payload()).isEqualTo(
        """
        {"code":"1000","data":{"size":4096,"version":"2.0.0","isDiff":0,"url":"%s","signMethod":"Md5","sign":"%s",\
        "md5":"%s","module":"default","extData":{"k.1":"v/1+=","_package_udi":"udi text"}},"id":%d,"message":"success"}"""
            .formatted(URL, Story.FILE.md5(), Story.FILE.md5(), id));
  }

  @Test
  void aRepeatedPushHasAnotherIdAndTheSamePushTheSame() {
    var first = MESSAGES.of(new Outbound.Push(Story.assign(), 1), Story.T0);

    assertThat(MESSAGES.of(new Outbound.Push(Story.assign(), 1), Story.T0)).isEqualTo(first);
    assertThat(MESSAGES.of(new Outbound.Push(Story.assign(), 2), Story.T0)).isNotEqualTo(first);
  }

  @Test
  void aDeltaAndASha256AreToldAsSuch() {
    var file = new FirmwareFile("f1", "http://files/f1", 4096, "a".repeat(32), "b".repeat(64),
        FirmwareFile.SignMethod.SHA256);
    var firmware = new FirmwareSpec(Story.PRODUCT, ModuleName.DEFAULT, "fw", "2.0.0", "1.0.0",
        FirmwareSpec.Type.DELTA, file, true, null, null);

    var data = Wire.JSON.readTree(
        MESSAGES.of(new Outbound.Push(Story.assign(Story.TASK, firmware, true, false), 1), Story.T0).payload())
        .get("data");

    assertThat(data.get("isDiff").intValue()).isOne();
    assertThat(data.get("signMethod").stringValue()).isEqualTo("SHA256");
    assertThat(data.get("sign").stringValue()).isEqualTo(file.sha256());
    assertThat(data.get("md5").stringValue()).isEqualTo(file.md5());
    assertThat(data.get("extData").has("_package_udi")).isFalse();
  }

  @Test
  void aFileElsewhereIsPushedByItsOwnUrlAndWithTheDigestThatWasDeclared() {
    var url = "https://cdn.example/fw.bin?token=a%2Fb&x=1";

    var sha256 = pushed(FirmwareFile.elsewhere(url, 4096, FirmwareFile.SignMethod.SHA256, "b".repeat(64)));
    var md5 = pushed(FirmwareFile.elsewhere(url, 4096, FirmwareFile.SignMethod.MD5, "a".repeat(32)));

    assertThat(sha256.toString()).isEqualTo("{\"size\":4096,\"version\":\"2.0.0\",\"isDiff\":0,\"url\":\"" + url
        + "\",\"signMethod\":\"SHA256\",\"sign\":\"" + "b".repeat(64)
        + "\",\"module\":\"default\",\"extData\":{\"k.1\":\"v/1+=\"}}");
    assertThat(md5.get("url").stringValue()).isEqualTo(url);
    assertThat(md5.get("sign").stringValue()).isEqualTo("a".repeat(32));
    assertThat(md5.get("md5").stringValue()).isEqualTo("a".repeat(32));
  }

  private static JsonNode pushed(FirmwareFile file) {
    var firmware = new FirmwareSpec(Story.PRODUCT, ModuleName.DEFAULT, "fw", "2.0.0", null, FirmwareSpec.Type.FULL,
        file, true, null, null);
    return Wire.JSON.readTree(
        MESSAGES.of(new Outbound.Push(Story.assign(Story.TASK, firmware, true, false), 1), Story.T0).payload())
        .path("data");
  }

  @Test
  void anAnswerGivesBackTheIdInItsType() {
    var number = MESSAGES.of(new Outbound.Answer(request("2", false), null), Story.T0);
    var text = MESSAGES.of(new Outbound.Answer(request("\"2\"", false), null), Story.T0);
    var broken = MESSAGES.of(new Outbound.Answer(request("{oops", false), null), Story.T0);

    assertThat(number).isEqualTo(new DeviceMessage("/sys/" + Story.PRODUCT + "/device-1/thing/ota/firmware/get_reply",
        "{\"code\":200,\"data\":{},\"id\":2,\"message\":\"success\"}"));
    assertThat(text.payload()).isEqualTo("{\"code\":200,\"data\":{},\"id\":\"2\",\"message\":\"success\"}");
    assertThat(broken.payload()).contains("\"id\":\"{oops\"");
  }

  @Test
  void anAnswerHasTheDataOfAPushAndALegacyOneAlsoItsFormAndTheTopicOfTheQuestion() {
    var pushed = Wire.JSON.readTree(MESSAGES.of(new Outbound.Push(Story.assign(), 1), Story.T0).payload());

    var answer = Wire.JSON
        .readTree(MESSAGES.of(new Outbound.Answer(request("2", false), Story.assign()), Story.T0).payload());
    var legacy = MESSAGES.of(new Outbound.Answer(request("2", true), Story.assign()), Story.T0);

    assertThat(answer.get("data")).isEqualTo(pushed.get("data"));
    assertThat(legacy.topic()).isEqualTo("/ota/device/request/" + Story.PRODUCT + "/device-1");
    assertThat(Wire.JSON.readTree(legacy.payload()).get("code").stringValue()).isEqualTo("1000");
    assertThat(Wire.JSON.readTree(legacy.payload()).get("data")).isEqualTo(pushed.get("data"));
  }
}
