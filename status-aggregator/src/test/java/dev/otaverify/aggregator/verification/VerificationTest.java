// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.otaverify.aggregator.verification.Verification.Complete;
import dev.otaverify.aggregator.verification.Verification.Concluded;
import dev.otaverify.aggregator.verification.Verification.Running;
import dev.otaverify.aggregator.verification.Verification.Task;
import dev.otaverify.aggregator.verification.Verification.Unknown;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VerificationTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59Z");
  private static final CommandId COMMAND = CommandId.of("testid", "nonce");
  private static final FirmwareId FIRMWARE = FirmwareId.of(COMMAND);
  private static final JobId JOB = JobId.of(FIRMWARE, COMMAND);
  private static final DeviceName DEVICE = new DeviceName("device-0");
  private static final TaskSucceeded SUCCEEDED = succeeded(0);

  @Test
  void whatCannotHappenStopsWithWhatWasExpected() {
    var running = new Running(JOB, new TreeMap<>(Map.of(TaskId.of(JOB, 0), new Task(DEVICE, new Fate.Open()))));

    assertThatThrownBy(() -> Verification.decide(new Unknown(), SUCCEEDED)).isInstanceOf(IllegalStateException.class)
        .hasMessage("event: TaskSucceeded of " + FIRMWARE + " while Unknown (expected: an event that follows)");
    assertThatThrownBy(() -> Verification.evolve(running, succeeded(1))).isInstanceOf(IllegalStateException.class)
        .hasMessage("task: " + TaskId.of(JOB, 1) + " (expected: one of the job " + JOB + ")");
    assertThatThrownBy(() -> Verification.evolve(running, new FirmwareVerified(FIRMWARE, JOB, AT)))
        .isInstanceOf(IllegalStateException.class).hasMessageContaining("while Running");
  }

  /** As when rows are rebuilt from the log alone: then the verdict is heard, not made. */
  @Test
  void aLogThatHoldsTheVerdictFoldsToIt() {
    var succeeded = new TreeMap<>(Map.of(TaskId.of(JOB, 0), new Task(DEVICE, new Fate.Succeeded())));
    Verification complete = Verification.of(JOB, succeeded);
    var completed = new JobCompleted(FIRMWARE, JOB, false, AT);

    assertThat(complete).isEqualTo(new Complete(JOB, succeeded));
    assertThat(Verification.decide(complete, completed)).isEmpty();
    assertThat(Verification.evolve(Verification.evolve(complete, completed), new FirmwareVerified(FIRMWARE, JOB, AT)))
        .isEqualTo(new Concluded(JOB, Verdict.VERIFIED));
    assertThat(Verification.decide(complete, SUCCEEDED)).as("a verdict that is still owed")
        .isEqualTo(List.of(completed, new FirmwareVerified(FIRMWARE, JOB, AT)));
  }

  @Test
  void thePurePackageKnowsNoSpringClockOrInput() {
    var classes = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages("dev.otaverify.aggregator.verification");

    ArchRuleDefinition.classes().should().onlyDependOnClassesThat()
        .resideInAnyPackage("dev.otaverify.aggregator.verification", "dev.otaverify.contracts", "java.lang..",
            "java.util", "java.util.function", "java.util.stream", "java.time", "org.jspecify.annotations")
        .check(classes);
    ArchRuleDefinition.noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.time.Clock").orShould()
        .callMethod(Instant.class, "now").check(classes);
  }

  private static TaskSucceeded succeeded(int device) {
    return new TaskSucceeded(TaskId.of(JOB, device), new DeviceId(ProductKey.of(COMMAND), DEVICE), "2.0.0", AT);
  }
}
