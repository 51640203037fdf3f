// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
  private static final Map<String, Function<String, Object>> IDS = Map.of("accountId", AccountId::new, "commandId",
      CommandId::new, "deviceName", DeviceName::new, "firmwareId", FirmwareId::new, "iotId", IotId::new, "jobId",
      JobId::new, "moduleName", ModuleName::new, "productKey", ProductKey::new, "taskId", TaskId::new);

  private static final CommandId COMMAND = CommandId.of("testid", "ea9862beac0420626a7973793dad8acd");
  private static final FirmwareId FIRMWARE = FirmwareId.of(COMMAND);
  private static final JobId JOB = JobId.of(FIRMWARE, COMMAND);

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                                                                 accountId  | 1 to 64 letters, digits, _ or -             | a b, ünter, a/b
                                                                 commandId  | 22 base62 characters                        | Fm6WRbbq5C1zFnlMiOVlU, Fm6WRbbq5C1zFnlMiOVlUf0, Fm6WRbbq5C1zFnlMiOVlU-
                                                                 deviceName | 4 to 32 letters, digits or - _ @ . :        | abc, a b c, a/b/c, abcdefghijklmnopqrstuvwxyz1234567, 设备设备
                                                                 firmwareId | 20 base62 characters and 03                 | Fht6EWXdQPUX19aaVTvx02, Fht6EWXdQPUX19aaVTv03, Fht6EWXdQPUX19aaVTv_03
                                                                 iotId      | 30 base62 characters                        | a1aXmduf1xSduYIUA2fNwvBbx7WYJ, a1aXmduf1xSduYIUA2fNwvBbx7WYJ.
                                                                 jobId      | 28 base62 characters and 02                 | Fht6EWXdQPUX19aaVTvxmzzIIBpK03, Fht6EWXdQPUX19aaVTvx02
                                                                 moduleName | 1 to 64 letters, digits or . - _            | a:b, a b, módulo
                                                                 productKey | a1 and 9 base62 characters                  | b1aXmduf1xS, a1aXmduf1x, a1aXmduf1xSd, A1aXmduf1xS, a1aXmduf/xS
                                                                 taskId     | 28 base62 characters, 6 digits and 01       | Fht6EWXdQPUX19aaVTvxmzzIIBpK00000002, Fht6EWXdQPUX19aaVTvxmzzIIBpK0000a001
                                                                 """)
  void aValueOfAnotherFormIsRefusedWithTheFormThatWasExpected(String name, String expected, String bad) {
    var id = Objects.requireNonNull(IDS.get(name));

    for (var value : Arrays.asList((", " + bad).split(", ", -1))) {
      assertThatThrownBy(() -> id.apply(value)).isInstanceOf(IllegalArgumentException.class)
          .hasMessage(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  @Test
  void theLongestAndShortestNamesAreTaken() {
    for (var value : List.of("a-_@", "A.:0", "a".repeat(32))) {
      assertThat(new DeviceName(value)).hasToString(value);
    }
    for (var value : List.of("-", "_", "z".repeat(64))) {
      assertThat(new AccountId(value)).hasToString(value);
      assertThat(new ModuleName(value)).hasToString(value);
    }
    assertThatThrownBy(() -> new AccountId("z".repeat(65))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ModuleName("z".repeat(65))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theSameRequestGivesTheSameIdsInEveryRelease() {
    var product = ProductKey.of(COMMAND);

    assertThat(COMMAND).hasToString("Fm6WRbbq5C1zFnlMiOVlUf");
    assertThat(product).hasToString("a1aXmduf1xS");
    assertThat(DeviceName.generated(COMMAND)).hasToString("VRCwgNNs2W8fUajTuirB");
    assertThat(IotId.of(product, COMMAND)).hasToString("a1aXmduf1xSduYIUA2fNwvBbx7WYJg");
    assertThat(FIRMWARE).hasToString("Fht6EWXdQPUX19aaVTvx03");
    assertThat(JOB).hasToString("Fht6EWXdQPUX19aaVTvxmzzIIBpK02");
    assertThat(TaskId.of(JOB, 0)).hasToString("Fht6EWXdQPUX19aaVTvxmzzIIBpK00000001");
    assertThat(TaskId.of(JOB, 999_999)).hasToString("Fht6EWXdQPUX19aaVTvxmzzIIBpK99999901");
  }

  @Test
  void aJobHasRoomForAMillionTasks() {
    assertThatThrownBy(() -> TaskId.of(JOB, -1)).hasMessage("number: -1 (expected: 0 to 999999)");
    assertThatThrownBy(() -> TaskId.of(JOB, 1_000_000)).hasMessage("number: 1000000 (expected: 0 to 999999)");
  }

  @Test
  void aDeviceIsReadFromItsKey() {
    var device = new DeviceId(ProductKey.of(COMMAND), new DeviceName("a-_@.:Z9"));

    assertThat(device.key()).isEqualTo("a1aXmduf1xS/a-_@.:Z9").isEqualTo(device.toString());
    assertThat(DeviceId.ofKey(device.key())).isEqualTo(device);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a1aXmduf1xS", "/device-1", "a1aXmduf1xS/", "a1aXmduf1xS/device-1/x"})
  void whatIsNoKeyOfADeviceIsRefused(String key) {
    assertThatThrownBy(() -> DeviceId.ofKey(key)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }

  @Test
  void idsSortAsTheirTexts() {
    assertThat(List.of(new TaskId(TaskId.of(JOB, 10).value()), TaskId.of(JOB, 9)).stream().sorted())
        .containsExactly(TaskId.of(JOB, 9), TaskId.of(JOB, 10));
    assertThat(Arrays.asList("deviceB", "deviceA", "Device").stream().map(DeviceName::new).sorted()
        .map(DeviceName::value)).containsExactly("Device", "deviceA", "deviceB");
  }
}
