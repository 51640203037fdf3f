// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WireFormTest {
  private static final String ID = "4C8A2B5E-0000-4000-8000-000000000001";

  @Test
  void aListIsWrappedInItsTypeAndElementsAreRepeatedInXml() {
    var tags = List.of(new Fields().with("Key", "k.1").with("Value", "v/1+="),
        new Fields().with("Key", "k.2").with("Value", "<设备 & \u0001>"));
    var answer = Answer.success("QueryOTAJob", ID,
        new Fields().with("Data",
            new Fields().with("JobId", "j").with("NeedPush", true).with("TimeoutInMinutes", 30L)
                .withWrapped("Tags", "OtaTagDTO", tags).with("UtcEndTime", null)
                .with("UtcCreate", Instant.parse("2026-11-23T14:38:59.120999Z"))));

    assertThat(text(answer, Format.JSON))
        .isEqualTo("{\"Data\":{\"JobId\":\"j\",\"NeedPush\":true,\"TimeoutInMinutes\":30,"
            + "\"Tags\":{\"OtaTagDTO\":[{\"Key\":\"k.1\",\"Value\":\"v/1+=\"},{\"Key\":\"k.2\",\"Value\":\"<设备 & \\u0001>\"}]},"
            + "\"UtcCreate\":\"2026-11-23T14:38:59.120Z\"},\"RequestId\":\"" + ID + "\",\"Success\":true}");
    assertThat(text(answer, Format.XML))
        .isEqualTo("<?xml version=\"1.0\" encoding=\"UTF-8\"?><QueryOTAJobResponse><Data>"
            + "<JobId>j</JobId><NeedPush>true</NeedPush><TimeoutInMinutes>30</TimeoutInMinutes><Tags>"
            + "<OtaTagDTO><Key>k.1</Key><Value>v/1+=</Value></OtaTagDTO>"
            + "<OtaTagDTO><Key>k.2</Key><Value>&lt;设备 &amp; \uFFFD&gt;</Value></OtaTagDTO></Tags>"
            + "<UtcCreate>2026-11-23T14:38:59.120Z</UtcCreate></Data><RequestId>" + ID
            + "</RequestId><Success>true</Success></QueryOTAJobResponse>");
  }

  @Test
  void aBareListIsBareInJsonAndHasAnElementOfItsNameInXml() {
    var answer = Answer.success("A", ID, new Fields().with("None", List.of()).with("Two", List.of("a", "b")));

    assertThat(text(answer, Format.JSON)).startsWith("{\"None\":[],\"Two\":[\"a\",\"b\"],");
    assertThat(text(answer, Format.XML))
        .contains("<AResponse><None></None><Two><Two>a</Two><Two>b</Two></Two><RequestId>");
  }

  @Test
  void aRefusalIsAnAnswerAndAFailureIsAnError() {
    var refused = Answer.failure("A", ID, "host:1", new RefusedException(ErrorCode.INVALID_TIMEOUT, "t"));
    var failed = Answer.failure("A", ID, "host:1", GatewayException.missing("FirmwareId"));

    assertThat(refused.status()).isEqualTo(200);
    assertThat(text(refused, Format.JSON)).isEqualTo("{\"RequestId\":\"" + ID
        + "\",\"Success\":false,\"Code\":\"iot.ota.InvalidTimeout\",\"ErrorMessage\":\"t\",\"Message\":\"t\"}");
    assertThat(text(refused, Format.XML)).contains("<AResponse>");
    assertThat(failed.status()).isEqualTo(400);
    assertThat(text(failed, Format.JSON)).isEqualTo("{\"RequestId\":\"" + ID
        + "\",\"HostId\":\"host:1\",\"Code\":\"MissingFirmwareId\",\"Message\":\"FirmwareId is mandatory for this action.\","
        + "\"ErrorMessage\":\"FirmwareId is mandatory for this action.\",\"Recommend\":\"\"}");
    assertThat(text(failed, Format.XML)).contains("<Error><RequestId>");
  }

  @Test
  void parametersOfQueryAndFormAreMergedAndDecoded() {
    var pairs = new ArrayList<>(ApiRequest.pairs("a=1+2&b=%E8%AE%BE*&&c&d=设"));
    pairs.addAll(ApiRequest.pairs("e=%2B&a=1%202"));

    var request = ApiRequest.of("POST", Map.of(), pairs, List.of(), new byte[0]);

    assertThat(request.parameters()).containsExactlyInAnyOrderEntriesOf(
        Map.of("a", "1 2", "b", "设*", "c", "", "d", "设", "e", "+"));
    assertThat(request.find("c")).isNull();
  }

  @Test
  void whatIsNoRequestIsRefusedWithWhatWasExpected() {
    assertThatThrownBy(() -> ApiRequest.of("POST", Map.of(), ApiRequest.pairs("a=1&a=2"), List.of(), new byte[0]))
        .hasMessage("InvalidParameter.Repeated: a: 1 and 2 (expected: one value)");
    assertThatThrownBy(() -> ApiRequest.of("PUT", Map.of(), List.of(), List.of(), new byte[0]))
        .hasMessage("UnsupportedHTTPMethod: method: PUT (expected: GET or POST)");
    assertThatThrownBy(() -> ApiRequest.of("GET", Map.of(), ApiRequest.pairs("Format=yaml"), List.of(), new byte[0]))
        .hasMessage("InvalidParameter.Format: Format: yaml (expected: JSON or XML)");
    for (var broken : List.of("a=%", "a=%4", "a=%zz", "a=%FF")) {
      assertThatThrownBy(() -> ApiRequest.pairs(broken)).as(broken).isInstanceOf(GatewayException.class)
          .hasMessageStartingWith("InvalidParameter.Encoding: " + broken);
    }
  }

  @Test
  void theFormatIsXmlUnlessJsonIsAskedFor() {
    assertThat(Format.preferred(Map.of(), ApiRequest.pairs("Format=json"))).isEqualTo(Format.JSON);
    assertThat(Format.preferred(Map.of(), ApiRequest.pairs("Format=XML"))).isEqualTo(Format.XML);
    assertThat(Format.preferred(Map.of(), ApiRequest.pairs("a=b"))).isEqualTo(Format.XML);
  }

  private static String text(Answer answer, Format format) {
    return new String(answer.write(format), StandardCharsets.UTF_8);
  }
}
