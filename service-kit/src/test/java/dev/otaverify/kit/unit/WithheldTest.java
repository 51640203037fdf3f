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

    assertThat(unit(Output.of(first))).isEqualTo(first);
    assertThat(unit(Output.of(second))).isEqualTo(Stream.concat(first.stream(), second.stream()).toList());
  }

  @Test
  void whatIsReadBackIsForgottenAndWithItWhatWasPublishedBefore() {
    unit(Output.of(List.of(command("a"), event("a", 1), event("a", 2), command("b"))));

    assertThat(unit(Output.NONE, event("a", 1))).containsExactly(event("a", 2), command("b"));
    assertThat(unit(Output.NONE, event("a", 2))).containsExactly(command("b"));
    assertThat(unit(Output.of(List.of(event("c", 1))), event("c", 1))).as("within one unit")
        .containsExactly(command("b"));
  }

  @Test
  void whatTheRowHeldWhenItWasClaimedIsStillWithheld() {
    withheld.publish(Step.FIRST, List.of(command("a"), event("a", 1)));

    assertThat(unit(Output.NONE)).containsExactly(command("a"), event("a", 1));
  }

  private List<Outgoing> unit(Output output, Outgoing... readBack) {
    var read = Stream.of(readBack).map(outgoing -> {
      var record = new ConsumerRecord<String, byte[]>(outgoing.topic(), 0, 0, "key", EMPTY);
      outgoing.headers().forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
      return record;
    }).toList();
    var stored = withheld.toStore(read, output);
    assertThat(stored.effects()).isEmpty();
    for (var step : Step.values()) {
      withheld.publish(step, stored.records());
    }
    return stored.records();
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
