// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59.123456Z");
  private static final CommandId COMMAND = CommandId.of("testid", "ea9862beac0420626a7973793dad8acd");
  private static final ProductKey PRODUCT = ProductKey.of(COMMAND);
  private static final FirmwareId FIRMWARE = FirmwareId.of(COMMAND);
  private static final JobId JOB = JobId.of(FIRMWARE, COMMAND);

  @Test
  void aMessageReadsBackAsItWasWritten() {
    var event = Message.event(Source.JOB_SERVICE, FIRMWARE.value(), 2, AT,
        (FirmwareEvent) new FirmwareEvent.VerifyJobCreated(FIRMWARE, JOB, new AccountId("default"), PRODUCT, "2.0.0",
            List.of(new FirmwareEvent.VerifyJobCreated.Target(TaskId.of(JOB, 0), new DeviceName("device-1"),
                IotId.of(PRODUCT, COMMAND))),
            Duration.ofMinutes(30), true, false, List.of(new Tag("k.1", "v/1+=")), AT));

    var encoded = Wire.encode(event);

    assertThat(encoded.headers()).containsEntry("ce_type", "dev.otaverify.firmware.verify-job-created.v1")
        .containsEntry("ce_id", "job-service:" + FIRMWARE + ":2").containsEntry("ce_sequence", "2")
        .containsEntry("ce_specversion", "1.0");
    assertThat(encoded.value()).contains("\"firmwareId\":\"" + FIRMWARE + "\"")
        .contains("\"timeout\":\"PT30M\"").contains("\"at\":\"2026-11-23T14:38:59.123456Z\"");
    assertThat(Wire.decode(encoded.headers(), bytes(encoded.value()), FirmwareEvent.class)).isEqualTo(event);
  }

  @Test
  void anOptionalFieldThatIsAbsentReadsAsNullAndAnUnknownOneIsIgnored() {
    var headers = Wire
        .encode(Message.unnumbered("id", Source.API_GATEWAY, "subject", AT,
            new Command.CreateProduct(new AccountId("default"), PRODUCT, "thermostat", 0, 1, null)))
        .headers();
    var json = "{\"account\":\"default\",\"productKey\":\"%s\",\"name\":\"thermostat\",\"nodeType\":0,\"dataFormat\":1,\"later\":[1]}"
        .formatted(PRODUCT);

    var read = Wire.decode(headers, bytes(json), Command.class);

    assertThat(read.data())
        .isEqualTo(new Command.CreateProduct(new AccountId("default"), PRODUCT, "thermostat", 0, 1, null));
  }

  @Test
  void whatIsNoMessageOfTheContractIsRefusedWithWhatWasExpected() {
    var encoded = Wire.encode(Message.unnumbered("id", Source.MQTT_BROKER, "subject", AT,
        new DeviceInput.Disconnected(new DeviceId(PRODUCT, new DeviceName("device-1")), 1, AT)));
    var untyped = new HashMap<>(encoded.headers());
    untyped.remove("ce_type");

    assertThatThrownBy(() -> Wire.decode(untyped, bytes(encoded.value()), DeviceInput.class))
        .isInstanceOf(UnreadableMessageException.class)
        .hasMessage("ce_type: missing (expected: a CloudEvents attribute)");
    assertThatThrownBy(() -> Wire.decode(encoded.headers(), bytes(encoded.value()), Command.class))
        .isInstanceOf(UnreadableMessageException.class).hasMessageContaining("(expected: a Command)");
    for (var broken : List.of("", "null", "[]", "{", "{\"device\":{\"productKey\":\"x\"}}")) {
      assertThatThrownBy(
          () -> Wire.decode(encoded.headers(), bytes(broken), DeviceInput.class)).as(broken)
          .isInstanceOf(UnreadableMessageException.class);
    }
  }

  @Test
  void aPayloadThatLeavesOutWhatIsNotOptionalIsRefusedByTheNameOfTheField() {
    var encoded = Wire.encode(Message.unnumbered("id", Source.MQTT_BROKER, "subject", AT,
        new DeviceInput.Disconnected(new DeviceId(PRODUCT, new DeviceName("device-1")), 1, AT)));
    var without = "{\"device\":{\"productKey\":\"%s\"},\"session\":1,\"at\":\"%s\"}".formatted(PRODUCT, AT);

    assertThatThrownBy(() -> Wire.decode(encoded.headers(), bytes(without), DeviceInput.class))
        .isInstanceOf(UnreadableMessageException.class)
        .hasMessage("dev.otaverify.device.disconnected.v1.device.deviceName: missing (expected: a value)");
  }

  @Test
  void idsAreDerivedFromTheRequestAndNameTheirFirmware() {
    assertThat(CommandId.of("testid", "nonce")).isEqualTo(CommandId.of("testid", "nonce"))
        .isNotEqualTo(CommandId.of("testi", "dnonce"));
    assertThat(TaskId.of(JOB, 9).jobId()).isEqualTo(JOB);
    assertThat(TaskId.of(JOB, 9).firmwareId()).isEqualTo(FIRMWARE).isEqualTo(JOB.firmwareId());
    assertThat(IotId.of(PRODUCT, COMMAND).productKey()).isEqualTo(PRODUCT);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
