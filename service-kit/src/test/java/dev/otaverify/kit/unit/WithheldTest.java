// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class WithheldTest {
  private static final byte[] EMPTY = {};

  private final Withheld withheld = new Withheld();

  @Test
  void whatIsNotReadBackStaysInTheOrderThatItWasDecided() {
    var first = List.of(command("a"), event("a", 1), event("a", 2));
    var second = List.of(command("b"), event("b", 1), event("b", 2));

    assertThat(unit(first)).isEqualTo(first);
    assertThat(unit(second)).isEqualTo(Stream.concat(first.stream(), second.stream()).toList());
  }

  @Test
  void whatIsReadBackIsForgottenAndWithItWhatWasPublishedBefore() {
    unit(List.of(command("a"), event("a", 1), event("a", 2), command("b")));

    assertThat(unit(List.of(), event("a", 1))).containsExactly(event("a", 2), command("b"));
    assertThat(unit(List.of(), event("a", 2))).containsExactly(command("b"));
    assertThat(unit(List.of(event("c", 1)), event("c", 1))).as("within one unit")
        .containsExactly(command("b"));
  }

  @Test
  void whatTheRowHeldWhenItWasClaimedIsStillWithheld() {
    withheld.publish(Step.FIRST, List.of(command("a"), event("a", 1)));

    assertThat(unit(List.of())).containsExactly(command("a"), event("a", 1));
  }

  private List<Outgoing> unit(List<Outgoing> output, Outgoing... readBack) {
    var read = Stream.of(readBack).map(outgoing -> {
      var record = new ConsumerRecord<String, byte[]>(outgoing.topic(), 0, 0, "key", EMPTY);
      outgoing.headers().forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
      return record;
    }).toList();
    var stored = withheld.toStore(read, output);
    for (var step : Step.values()) {
      withheld.publish(step, stored);
    }
    return stored;
  }

  private static Outgoing command(String subject) {
    return new Outgoing(Step.FIRST, "commands", null, "key",
        Map.of("ce_source", "/us", "ce_subject", subject, "ce_id", "conclude:" + subject), EMPTY);
  }

  private static Outgoing event(String subject, int number) {
    return new Outgoing(Step.SECOND, "events", null, "key",
        Map.of("ce_source", "/us", "ce_subject", subject, "ce_id", subject + ":" + number), EMPTY);
  }
}
