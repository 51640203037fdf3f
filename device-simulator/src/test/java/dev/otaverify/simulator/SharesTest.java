// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharesTest {
  @Test
  void countsAreExactAndTheLargestRemaindersGetWhatIsLeft() {
    // 4.2, 1.4 and 1.4 of 7
    assertThat(counts(Shares.of("ok=60,slow=20,silent=20"), 7)).containsExactly(4, 2, 1);
    assertThat(counts(Shares.of("ok=80,slow=5,silent=15"), 10_000)).containsExactly(8000, 500, 1500);
    assertThat(counts(Shares.of("ok,slow,silent"), 1)).containsExactly(1, 0, 0);
    assertThat(Shares.of("silent").deal(3, 1)).containsOnly(Behaviour.SILENT);
  }

  @Test
  void whatADeviceDoesDependsOnTheSeedAlone() {
    var shares = Shares.of("ok=90,fail-3=10");

    assertThat(shares.deal(100, 7)).isEqualTo(Shares.of("fail-3=10,ok=90").deal(100, 7));
    assertThat(shares.deal(100, 7)).isNotEqualTo(shares.deal(100, 8));
  }

  @Test
  void thoseOfOneKindDoNotStandTogether() {
    var dealt = Shares.of("ok=90,fail-3=10").deal(1000, 1);

    assertThat(IntStream.range(0, 100).filter(
        job -> dealt.subList(job * 10, job * 10 + 10).contains(Behaviour.FAIL_3)).count()).isBetween(50L, 80L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ok=", "ok=0", "ok=-1", "ok=1,ok=2", "fine", "ok=80,", "ok=1.5"})
  void whatAreNoSharesIsRefused(String text) {
    assertThatThrownBy(() -> Shares.of(text)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void eachBehaviourIsReadAsItIsWritten() {
    for (var behaviour : Behaviour.values()) {
      assertThat(Behaviour.of(behaviour.id())).isEqualTo(behaviour);
    }
    assertThat(Behaviour.of("corrupt-download")).isEqualTo(Behaviour.CORRUPT_DOWNLOAD);
    assertThat(Behaviour.of("fail-3")).isEqualTo(Behaviour.FAIL_3);
  }

  private static List<Integer> counts(Shares shares, int count) {
    var dealt = shares.deal(count, 42);
    return List.of(Collections.frequency(dealt, Behaviour.SUCCEED), Collections.frequency(dealt, Behaviour.SLOW),
        Collections.frequency(dealt, Behaviour.SILENT));
  }
}
