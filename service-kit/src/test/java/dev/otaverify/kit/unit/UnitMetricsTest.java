// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.kit.unit.UnitProbe.Point;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class UnitMetricsTest {
  private static final TopicPartition PARTITION = new TopicPartition("ota.commands", 3);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final UnitMetrics metrics = new UnitMetrics(registry);

  UnitMetricsTest() {
    var unused = metrics.of("ota.commands", () -> List.of("WORKING", "WORKING", "CLAIMING", "STOPPED: a bug"));
  }

  @Test
  void outputIsPendingFromTheCommitUntilItIsPublished() {
    assertThat(pendingAge()).isZero();
    metrics.reached(Point.COMMITTED, PARTITION);
    assertThat(pendingAge()).isPositive();
    metrics.reached(Point.FIRST_STEP_PUBLISHED, PARTITION);
    assertThat(pendingAge()).isPositive();
    metrics.reached(Point.SECOND_STEP_PUBLISHED, PARTITION);
    assertThat(pendingAge()).isZero();
  }

  @Test
  void outputOfAFormerOwnerIsPendingFromTheClaimAndClaimingAgainMakesItNoYounger() {
    metrics.reached(Point.CLAIMED, PARTITION);
    var age = pendingAge();
    assertThat(age).isPositive();
    metrics.reached(Point.CLAIMED, PARTITION);
    assertThat(pendingAge()).isGreaterThan(age);
  }

  @Test
  void whatIsPendingInAPartitionThatWentAwayIsAnothersToTell() {
    metrics.reached(Point.COMMITTED, PARTITION);
    metrics.revoked(PARTITION);
    assertThat(pendingAge()).isZero();
  }

  @Test
  void partitionsAreCountedByWhatTheyAreDoing() {
    assertThat(List.of("working", "claiming", "stopped")).extracting(
        state -> registry.get("ota.unit.partitions").tags("topic", "ota.commands", "state", state).gauge().value())
        .containsExactly(2.0, 1.0, 1.0);
  }

  private double pendingAge() {
    return registry.get("ota.unit.pending.age").tag("topic", "ota.commands").gauge().value();
  }
}
