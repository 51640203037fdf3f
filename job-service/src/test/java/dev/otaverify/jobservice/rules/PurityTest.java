// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PurityTest {
  private static final String RULES = "dev.otaverify.jobservice.rules";
  private static final JavaClasses SERVICE = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.otaverify.jobservice");

  @Test
  void theRulesKnowOnlyTheContractAndPlainJava() {
    classes().that().resideInAPackage(RULES).should().onlyDependOnClassesThat().resideInAnyPackage(RULES,
        "dev.otaverify.contracts", "java.lang", "java.lang.runtime", "java.lang.invoke", "java.util",
        "java.util.function", "java.util.stream", "java.time", "org.jspecify.annotations").check(SERVICE);
  }

  @Test
  void theRulesReadNoClockAndNoChance() {
    noClasses().that().resideInAPackage(RULES).should().dependOnClassesThat().areAssignableTo(Clock.class)
        .orShould().dependOnClassesThat().areAssignableTo(java.util.random.RandomGenerator.class)
        .orShould().dependOnClassesThat().areAssignableTo(java.util.UUID.class)
        .orShould().callMethod(Instant.class, "now").orShould().callMethod(System.class, "nanoTime")
        .orShould().callMethod(System.class, "currentTimeMillis").check(SERVICE);
  }

  @Test
  void nothingButTheCommandPackageUsesTheRules() {
    noClasses().that().resideOutsideOfPackages(RULES, "dev.otaverify.jobservice.commands").should()
        .dependOnClassesThat().resideInAPackage(RULES).check(SERVICE);
  }
}
