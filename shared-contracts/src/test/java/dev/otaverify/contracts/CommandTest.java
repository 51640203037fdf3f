// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandTest {
  private static final CommandId COMMAND = CommandId.of("testid", "nonce");
  private static final AccountId ACCOUNT = new AccountId("default");
  private static final ProductKey PRODUCT = ProductKey.of(COMMAND);
  private static final FirmwareId FIRMWARE = FirmwareId.of(COMMAND);
  private static final JobId JOB = JobId.of(FIRMWARE, COMMAND);
  private static final FirmwareFile FILE = new FirmwareFile("key", "url", 8, "0".repeat(32), "f".repeat(64),
      FirmwareFile.SignMethod.SHA256);

  @Test
  void ofAFileElsewhereOnlyIsKnownWhatWasDeclared() {
    var md5 = FirmwareFile.elsewhere("https://cdn.example/fw.bin", 8, FirmwareFile.SignMethod.MD5, "a".repeat(32));
    var sha256 = FirmwareFile.elsewhere("https://cdn.example/fw.bin", 8, FirmwareFile.SignMethod.SHA256,
        "b".repeat(64));

    assertThat(md5).isEqualTo(new FirmwareFile("", "https://cdn.example/fw.bin", 8, "a".repeat(32), "0".repeat(64),
        FirmwareFile.SignMethod.MD5));
    assertThat(sha256).isEqualTo(new FirmwareFile("", "https://cdn.example/fw.bin", 8, "0".repeat(32), "b".repeat(64),
        FirmwareFile.SignMethod.SHA256));
    assertThat(md5.knowsMd5()).isTrue();
    assertThat(sha256.knowsMd5()).isFalse();
    assertThat(sha256.sign()).isEqualTo("b".repeat(64));
    assertThat(List.of(md5, sha256)).allMatch(FirmwareFile::isElsewhere);
    assertThat(FILE.isElsewhere()).isFalse();
    assertThat(FILE.knowsMd5()).isTrue();
  }

  @Test
  void whatIsAboutAFirmwareIsDecidedInTheOrderOfItsKeyAndTheRestInThatOfItsProduct() {
    assertThat(List.of(new Command.CreateFirmware(ACCOUNT, FIRMWARE, spec(FirmwareSpec.Type.FULL, null)),
        job(devices(1), Duration.ofMinutes(1)),
        new Command.ConcludeVerification(FIRMWARE, JOB, Verdict.FAILED, Instant.EPOCH)))
        .allMatch(command -> command.key().equals(FIRMWARE.value()));
    assertThat(List.of(new Command.CreateProduct(ACCOUNT, PRODUCT, "thermostat", 0, 1, null),
        new Command.RegisterDevice(ACCOUNT, PRODUCT, new DeviceName("device-1"), IotId.of(PRODUCT, COMMAND), null)))
        .allMatch(command -> command.key().equals(PRODUCT.value()));
  }

  @Test
  void aJobNamesOneToTenDevicesEachOnce() {
    assertThat(job(devices(10), Duration.ofMinutes(1)).targets()).hasSize(10);
    assertThatThrownBy(() -> job(List.of(), Duration.ofMinutes(1))).hasMessage("targets: 0 (expected: 1 to 10)");
    assertThatThrownBy(() -> job(devices(11), Duration.ofMinutes(1))).hasMessage("targets: 11 (expected: 1 to 10)");
    var twice = List.of(new DeviceName("device-1"), new DeviceName("device-1"));
    assertThatThrownBy(() -> job(twice, Duration.ofMinutes(1)))
        .hasMessage("targets: [device-1, device-1] (expected: no two the same)");
  }

  @Test
  void aJobEndsAfterSomeTime() {
    assertThatThrownBy(() -> job(devices(1), Duration.ZERO)).hasMessage("timeout: PT0S (expected: more than 0)");
  }

  @Test
  void aJobDoesNotChangeWithTheListItWasMadeOf() {
    var targets = new ArrayList<>(devices(2));
    var job = job(targets, Duration.ofMinutes(1));

    targets.clear();

    assertThat(job.targets()).isEqualTo(devices(2));
  }

  @Test
  void aDeltaAndOnlyADeltaHasASourceVersion() {
    assertThat(spec(FirmwareSpec.Type.DELTA, "1.9.0").srcVersion()).isEqualTo("1.9.0");
    assertThat(spec(FirmwareSpec.Type.FULL, null).srcVersion()).isNull();
    assertThatThrownBy(() -> spec(FirmwareSpec.Type.FULL, "1.9.0"))
        .hasMessage("srcVersion: 1.9.0 (expected: a version exactly when the type is DELTA)");
    assertThatThrownBy(() -> spec(FirmwareSpec.Type.DELTA, null))
        .hasMessage("srcVersion: null (expected: a version exactly when the type is DELTA)");
  }

  @Test
  void theSignOfAFileIsTheDigestThatItsMethodNames() {
    assertThat(FILE.sign()).isEqualTo(FILE.sha256());
    assertThat(new FirmwareFile("key", "url", 8, FILE.md5(), FILE.sha256(), FirmwareFile.SignMethod.MD5).sign())
        .isEqualTo(FILE.md5());
  }

  @Test
  void aTagHasABoundedKeyAndValue() {
    assertThat(new Tag("k".repeat(30), "v".repeat(1024)).value()).hasSize(1024);
    for (var key : List.of("", "k-1", "k".repeat(31))) {
      assertThatThrownBy(() -> new Tag(key, "v"))
          .hasMessage("Tag.Key: " + key + " (expected: 1 to 30 letters, digits or dots)");
    }
    for (var value : List.of("", "v".repeat(1025))) {
      assertThatThrownBy(() -> new Tag("k", value))
          .hasMessage("Tag.Value: " + value + " (expected: 1 to 1024 characters)");
    }
  }

  private static Command.CreateVerifyJob job(List<DeviceName> targets, Duration timeout) {
    return new Command.CreateVerifyJob(ACCOUNT, FIRMWARE, JOB, PRODUCT, targets, timeout, true, false, List.of());
  }

  private static FirmwareSpec spec(FirmwareSpec.Type type, @Nullable String srcVersion) {
    return new FirmwareSpec(PRODUCT, ModuleName.DEFAULT, "name", "2.0.0", srcVersion, type, FILE, true, null, null);
  }

  private static List<DeviceName> devices(int count) {
    return IntStream.range(0, count).mapToObj(number -> new DeviceName("device-" + number)).toList();
  }
}
