// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.NOPLoggingEventBuilder;

class SeldomTest {
  private static final Logger LOG = LoggerFactory.getLogger("dev.otaverify.mqttbroker.SeldomTest");

  @Test
  void oneOfManyWarningsASecondIsOne() {
    var now = new AtomicLong(Long.MAX_VALUE);
    var seldom = new Seldom(now::get);

    assertThat(isWarning(seldom)).isTrue();
    assertThat(isWarning(seldom)).isFalse();
    now.addAndGet(Duration.ofMillis(999).toNanos());
    assertThat(isWarning(seldom)).isFalse();
    now.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(isWarning(seldom)).isTrue();
    assertThat(isWarning(seldom)).isFalse();
  }

  /** Debugging is off in tests, so the builder of a debug event does nothing. */
  private static boolean isWarning(Seldom seldom) {
    return !(seldom.warn(LOG) instanceof NOPLoggingEventBuilder);
  }
}
