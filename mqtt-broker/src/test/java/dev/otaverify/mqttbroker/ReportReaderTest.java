// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportReaderTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59Z");
  private static final DeviceId DEVICE = new DeviceId(new ProductKey("a1VJwBw0000"), new DeviceName("testdevice"));

  @Test
  void aVersionIsReadWithAndWithoutItsModule() throws UnreadableReportException {
    assertThat(read(DeviceTopics.Report.VERSION, "{\"id\":1,\"params\":{\"version\":\"1.0.0\"}}"))
        .isEqualTo(new DeviceInput.VersionReported(DEVICE, ModuleName.DEFAULT, "1.0.0", AT));
    assertThat(
        read(DeviceTopics.Report.VERSION, "{\"id\":\"1\",\"params\":{\"version\":\"1.0.0\",\"module\":\"mcu\"}}"))
        .isEqualTo(new DeviceInput.VersionReported(DEVICE, new ModuleName("mcu"), "1.0.0", AT));
    assertThat(read(DeviceTopics.Report.VERSION, "{\"params\":{\"version\":\"1.0.0\",\"module\":\"\"}}"))
        .isEqualTo(new DeviceInput.VersionReported(DEVICE, ModuleName.DEFAULT, "1.0.0", AT));
  }

  @Test
  void aStepIsReadAsTextAndAsNumber() throws UnreadableReportException {
    assertThat(read(DeviceTopics.Report.PROGRESS,
        "{\"id\":3,\"params\":{\"step\":\"50\",\"desc\":\"half\",\"module\":\"default\"}}"))
        .isEqualTo(new DeviceInput.ProgressReported(DEVICE, ModuleName.DEFAULT, 50, "half", AT));
    assertThat(read(DeviceTopics.Report.PROGRESS, "{\"id\":3,\"params\":{\"step\":-4}}"))
        .isEqualTo(new DeviceInput.ProgressReported(DEVICE, ModuleName.DEFAULT, -4, "", AT));
  }

  @Test
  void theIdOfARequestIsKeptAsItCame() throws UnreadableReportException {
    assertThat(read(DeviceTopics.Report.FIRMWARE_REQUEST, "{\"id\":2,\"params\":{}}"))
        .isEqualTo(new DeviceInput.FirmwareRequested(DEVICE, ModuleName.DEFAULT, "2", false, AT));
    assertThat(read(DeviceTopics.Report.FIRMWARE_REQUEST,
        "{\"id\":\"2\",\"version\":\"1.0\",\"params\":{\"module\":\"mcu\"},\"method\":\"thing.ota.firmware.get\"}"))
        .isEqualTo(new DeviceInput.FirmwareRequested(DEVICE, new ModuleName("mcu"), "\"2\"", false, AT));
    assertThat(read(DeviceTopics.Report.LEGACY_FIRMWARE_REQUEST, "{}"))
        .isEqualTo(new DeviceInput.FirmwareRequested(DEVICE, ModuleName.DEFAULT, "null", true, AT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "secret", "[]", "null", "{\"params\":", "{}", "{\"params\":[]}",
      "{\"params\":{\"version\":7}}",
      "{\"params\":{\"version\":\" \"}}", "{\"params\":{\"version\":\"1\",\"module\":\"secret/\"}}",
      "{\"params\":{\"version\":\"1\",\"module\":7}}", "{\"params\":{\"version\":\"1\"}} secret"})
  void whatIsNoVersionIsRefusedWithoutQuotingIt(String payload) {
    assertThatThrownBy(() -> read(DeviceTopics.Report.VERSION, payload)).isInstanceOf(UnreadableReportException.class)
        .hasNoCause().hasMessageNotContaining("secret").hasMessageContaining("expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"101\"", "-5", "\"fifty\"", "50.5", "null", "true", "\"\"", "99999999999", "{}"})
  void whatIsNoStepIsRefused(String step) {
    assertThatThrownBy(() -> read(DeviceTopics.Report.PROGRESS, "{\"params\":{\"step\":" + step + "}}"))
        .isInstanceOf(UnreadableReportException.class).hasMessageStartingWith("params.step");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.5", "{}", "[1]", "true"})
  void anIdThatCannotBeSentBackIsRefused(String id) {
    assertThatThrownBy(() -> read(DeviceTopics.Report.FIRMWARE_REQUEST, "{\"id\":" + id + "}"))
        .isInstanceOf(UnreadableReportException.class).hasMessageStartingWith("id");
  }

  @Test
  void anOversizedPayloadIsRefusedUnread() {
    var payload = "{\"params\":{\"version\":\"1\"}}" + " ".repeat(ReportReader.MAX_PAYLOAD);

    assertThatThrownBy(() -> read(DeviceTopics.Report.VERSION, payload)).isInstanceOf(UnreadableReportException.class)
        .hasMessageStartingWith("payload: " + payload.length() + " bytes");
  }

  private static DeviceInput read(DeviceTopics.Report report, String payload) throws UnreadableReportException {
    return ReportReader.read(DEVICE, report, payload.getBytes(StandardCharsets.UTF_8), AT);
  }
}
