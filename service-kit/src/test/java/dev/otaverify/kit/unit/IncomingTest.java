// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareDeleted;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IncomingTest {
  private static final FirmwareId FIRMWARE = FirmwareId.of(CommandId.of("k", "f"));
  private static final Message<FirmwareEvent> MESSAGE = Message.event(Source.JOB_SERVICE, FIRMWARE.value(), 2,
      Instant.EPOCH, new FirmwareDeleted(FIRMWARE, Instant.EPOCH));
  private static final String TYPE = Wire.typeOf(FirmwareDeleted.class);

  @Test
  void aMessageIsReadWhenItIsAskedForAndOnce() {
    var reads = new AtomicInteger();
    var incoming = Incoming.<FirmwareEvent>unread(() -> {
      reads.incrementAndGet();
      return MESSAGE;
    }, TYPE, FIRMWARE.value(), Topics.FIRMWARE_EVENTS, 3, 7, Map.of());
    var continued = incoming.in(Map.of("traceparent", "t"));

    assertThat(incoming.type()).isEqualTo(TYPE);
    assertThat(incoming.key()).isEqualTo(FIRMWARE.value());
    assertThat(reads).hasValue(0);

    assertThat(incoming.message()).isEqualTo(MESSAGE);
    assertThat(continued.data()).isEqualTo(MESSAGE.data());
    assertThat(reads).hasValue(1);
  }

  @Test
  void whatCannotBeReadFailsWhenItIsAskedFor() {
    var incoming = Incoming.<FirmwareEvent>unread(() -> {
      throw new UndecidableException("value: null");
    }, TYPE, FIRMWARE.value(), Topics.FIRMWARE_EVENTS, 3, 7, Map.of());

    assertThatThrownBy(incoming::data).isInstanceOf(UndecidableException.class).hasMessage("value: null");
  }

  @Test
  void theTypeOfOneThatWasReadIsThatOfWhatItSays() {
    assertThat(new Incoming<>(MESSAGE, FIRMWARE.value(), Topics.FIRMWARE_EVENTS, 3, 7, Map.of()).type())
        .isEqualTo(TYPE);
  }
}
