// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.otaverify.dispatcher.device.Device;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PureDecisionsTest {
  private static final JavaClasses DECISIONS = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackagesOf(Device.class);

  @Test
  void decisionsDependOnTheContractAndTheLanguageOnly() {
    classes().that().resideInAPackage("dev.otaverify.dispatcher.device").should().onlyDependOnClassesThat()
        .resideInAnyPackage("dev.otaverify.dispatcher.device", "dev.otaverify.contracts", "java.lang..", "java.util",
            "java.time..", "org.jspecify..")
        .check(DECISIONS);
  }

  @Test
  void decisionsAskNoClock() {
    noClasses().should().dependOnClassesThat().areAssignableTo(Clock.class).orShould().callMethod(Instant.class, "now")
        .check(DECISIONS);
  }
}
