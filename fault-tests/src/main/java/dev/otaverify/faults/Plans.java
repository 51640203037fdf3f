// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults;

import dev.otaverify.faults.agent.Defect;
import dev.otaverify.faults.fault.FaultKind;
import dev.otaverify.faults.load.Load;
import dev.otaverify.faults.stack.Cluster;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** What is run unless it is asked for otherwise. */
final class Plans {
  private static final int LINES = 6;

  private Plans() {}

  /** Every kind of fault, for two minutes, on three brokers and two of each service. */
  static Run.Plan usual(long seed) {
    return new Run.Plan(new Cluster.Shape(3, 2, Load.UNIT, 0, Optional.empty()), amount(LINES, seed),
        EnumSet.allOf(FaultKind.class), Duration.ofMinutes(2), Duration.ofSeconds(7), seed);
  }

  /** What shows a defect soon. */
  static Run.Plan of(Defect defect, long seed) {
    return switch (defect) {
      case ACKNOWLEDGED_BEFORE_COMMIT ->
        plan(defect, 500, 10, Set.of(FaultKind.KILL_POSTGRES, FaultKind.SECOND_OWNER), 90, 7, seed);
      case NO_EPOCH_CHECK -> plan(defect, 300, 10, Set.of(FaultKind.SECOND_OWNER), 90, 6, seed);
      case PENDING_OUTPUT_FORGOTTEN -> plan(defect, 400, 10, Set.of(FaultKind.KILL_SERVICE), 180, 4, seed);
      case NO_READ_BARRIER -> plan(defect, 0, LINES, Set.of(FaultKind.FREEZE), 45, 7, seed);
      case LATE_REPORT_COUNTS -> plan(defect, 0, LINES, Set.of(FaultKind.POISON), 45, 20, seed);
    };
  }

  private static Run.Plan plan(Defect defect, int hesitation, int lines, Set<FaultKind> kinds, int seconds, int pause,
      long seed) {
    return new Run.Plan(new Cluster.Shape(1, 2, Load.UNIT, hesitation, Optional.of(defect)), amount(lines, seed), kinds,
        Duration.ofSeconds(seconds), Duration.ofSeconds(pause), seed);
  }

  private static Load.Amount amount(int lines, long seed) {
    return new Load.Amount(lines, 4, 2, 25, seed);
  }
}
