// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.mqttbroker.FailedLogins.Who;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {
  private static final Who DEVICE = new Who("192.0.2.1", "device-1&a1VJwBw0000");

  private final AtomicLong nanoTime = new AtomicLong(1);
  private final FailedLogins failed = new FailedLogins(nanoTime::get);

  @Test
  void afterAFewFailuresEachPauseIsTwiceTheOneBeforeUpToALongest() {
    fails(FailedLogins.FREE - 1);
    assertThat(failed.mayTry(DEVICE)).isTrue();
    fails(1);

    for (var pause : new long[]{250, 500, 1000, 1000}) {
      nanoTime.addAndGet(Duration.ofMillis(pause).toNanos() - 1);
      assertThat(failed.mayTry(DEVICE)).isFalse();
      nanoTime.addAndGet(1);
      assertThat(failed.mayTry(DEVICE)).isTrue();
      failed.failed(DEVICE);
    }
  }

  @Test
  void attemptsBesideAnotherWaitForIt() {
    fails(FailedLogins.FREE);
    nanoTime.addAndGet(Duration.ofMillis(250).toNanos());

    assertThat(failed.mayTry(DEVICE)).isTrue();
    assertThat(failed.mayTry(DEVICE)).isFalse();
  }

  @Test
  void aSuccessOrALongTimeEndsIt() {
    fails(9);
    failed.succeeded(DEVICE);
    assertThat(failed.mayTry(DEVICE)).isTrue();

    fails(9);
    nanoTime.addAndGet(FailedLogins.FORGOTTEN.toNanos() + 1);
    assertThat(failed.mayTry(DEVICE)).isTrue();
    failed.failed(DEVICE);
    assertThat(failed.mayTry(DEVICE)).isTrue();
  }

  @Test
  void nobodySlowsDownADeviceFromElsewhereOrItsNeighbour() {
    fails(9);

    assertThat(failed.mayTry(DEVICE)).isFalse();
    assertThat(failed.mayTry(new Who("192.0.2.2", DEVICE.userName()))).isTrue();
    assertThat(failed.mayTry(new Who(DEVICE.address(), "device-2&a1VJwBw0000"))).isTrue();
  }

  private void fails(int times) {
    for (int i = 0; i < times; i++) {
      failed.failed(DEVICE);
    }
  }
}
