// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.faults.agent.Defect;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With {@code -Pfaults}: what {@code ./ota faults} and {@code ./ota faults --defect all} do. */
class FaultsIT {
  private static final long SEED = 1;

  @Test
  void everyPromiseIsKeptUnderFaults(@TempDir Path dir) throws InterruptedException {
    var report = new Run(Plans.usual(SEED), dir, System.out).run();

    assertThat(report.isClean()).as(report.text()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aDefectIsFound(Defect defect, @TempDir Path dir) throws InterruptedException {
    assertThat(new Run(Plans.of(defect, SEED), dir, System.out).run().isClean()).isFalse();
  }
}
