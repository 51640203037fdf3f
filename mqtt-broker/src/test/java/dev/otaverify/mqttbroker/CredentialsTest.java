// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CredentialsTest {
  private static final DeviceId DEVICE = new DeviceId(new ProductKey("a1VJwBw0000"), new DeviceName("a:b@c.d-1"));
  private static final Credentials.Credential SECRET = new Credentials.Credential("secret-1", true);

  private final AtomicLong nanoTime = new AtomicLong(1);
  private JobServiceStub jobService;
  private Credentials credentials;

  @BeforeEach
  void start() throws IOException {
    jobService = new JobServiceStub();
    credentials = new Credentials(jobService.url(), JobServiceStub.TOKEN, nanoTime::get);
  }

  @AfterEach
  void stop() {
    credentials.close();
    jobService.close();
  }

  @Test
  void anAnswerIsUsedForASecondAndThenAskedForAgain() {
    jobService.knows(DEVICE, "secret-1", true);
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    jobService.knows(DEVICE, "secret-2", false);

    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    assertThat(jobService.asked()).isEqualTo(1);

    nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(credentials.find(DEVICE).join()).contains(new Credentials.Credential("secret-2", false));
  }

  @Test
  void aKnownDeviceStaysKnownWhileJobServiceCannotBeAsked() {
    jobService.knows(DEVICE, "secret-1", true);
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    nanoTime.addAndGet(Duration.ofHours(9).toNanos());

    jobService.breaks();
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);

    jobService.close();
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
  }

  @Test
  void jobServiceRestsForASecondAfterItDidNotAnswerIfTheDeviceIsKnown() {
    jobService.knows(DEVICE, "secret-1", true);
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    nanoTime.addAndGet(Duration.ofHours(9).toNanos());
    jobService.breaks();
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    assertThat(jobService.asked()).isEqualTo(2);

    nanoTime.addAndGet(Duration.ofMillis(999).toNanos());
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    assertThat(jobService.asked()).isEqualTo(2);

    nanoTime.addAndGet(Duration.ofMillis(1).toNanos());
    jobService.works();
    jobService.knows(DEVICE, "secret-2", true);
    assertThat(credentials.find(DEVICE).join()).contains(new Credentials.Credential("secret-2", true));
  }

  @Test
  void anUnknownDeviceIsNotGuessedAtWhileJobServiceCannotBeAsked() {
    jobService.breaks();

    assertThatThrownBy(() -> credentials.find(DEVICE).join()).isInstanceOf(CompletionException.class);
  }

  @Test
  void aDeviceThatWasDeletedIsForgotten() {
    jobService.knows(DEVICE, "secret-1", true);
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
    jobService.forgets(DEVICE);
    assertThat(credentials.find(DEVICE).join()).isEmpty();

    jobService.breaks();
    assertThatThrownBy(() -> credentials.find(DEVICE).join()).isInstanceOf(CompletionException.class);
  }

  @Test
  void aRevokedDeviceIsNotLetInFromMemoryAndALookUpFromBeforeIsNotKept() {
    jobService.knows(DEVICE, "secret-1", true);
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    long before = nanoTime.get();
    nanoTime.incrementAndGet();
    credentials.revoke(DEVICE);
    nanoTime.incrementAndGet();

    assertThat(credentials.isRevokedSince(DEVICE, before)).isTrue();
    assertThat(credentials.isRevokedSince(DEVICE, nanoTime.get())).isFalse();
    jobService.breaks();
    assertThatThrownBy(() -> credentials.find(DEVICE).join()).isInstanceOf(CompletionException.class);

    jobService.works();
    nanoTime.set(before);
    assertThat(credentials.find(DEVICE).join()).contains(SECRET);
    jobService.breaks();
    assertThatThrownBy(() -> credentials.find(DEVICE).join()).isInstanceOf(CompletionException.class);
  }

  @Test
  void aRefusedTokenIsNoAnswer() {
    jobService.knows(DEVICE, "secret-1", true);
    try (var stranger = new Credentials(jobService.url(), "another", nanoTime::get)) {
      assertThatThrownBy(() -> stranger.find(DEVICE).join()).hasMessageContaining("cannot be asked");
    }
  }

  @Test
  void aSecretIsNotPrinted() {
    assertThat(SECRET.toString()).doesNotContain("secret-1");
  }
}
