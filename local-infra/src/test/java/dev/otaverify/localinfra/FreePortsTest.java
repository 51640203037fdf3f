// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FreePortsTest {

  @Test
  void noPortIsGivenTwiceThoughNobodyListensOnAny() {
    assertThat(Stream.generate(FreePorts::choose).limit(2_000)).doesNotHaveDuplicates();
  }
}
