// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages("dev.otaverify.gateway");

  @Test
  void theWireAndTheOperationsKnowNoFrameworkClockOrInputAndOutput() {
    noClasses().that().resideInAnyPackage("..gateway.api..", "..gateway.operation..").should().dependOnClassesThat()
        .resideInAnyPackage("org.springframework..", "org.apache.kafka..", "io.github.resilience4j..", "java.net..",
            "java.nio.file..", "java.nio.channels..")
        .orShould().dependOnClassesThat().haveFullyQualifiedName("java.time.Clock").check(CLASSES);
  }

  @Test
  void anOperationKnowsOnlyWhatItNeedsNotWhoProvidesIt() {
    noClasses().that().resideInAPackage("..gateway.operation..").should().dependOnClassesThat()
        .resideInAnyPackage("..gateway.command..", "..gateway.query..", "..gateway.files..").check(CLASSES);
  }

  @Test
  void theWireKnowsNothingOfTheRest() {
    noClasses().that().resideInAPackage("..gateway.api..").should().dependOnClassesThat()
        .resideInAnyPackage("..gateway", "..gateway.operation..", "..gateway.auth..", "..gateway.command..",
            "..gateway.query..", "..gateway.files..")
        .check(CLASSES);
  }
}
