// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59.123456Z");
  private static final CommandContext CONTEXT = new CommandContext(CommandId.of("testid", "nonce"), "digest",
      "gateway-1", 7, AT.plusSeconds(5));

  @Test
  void theSameFactHasTheSameIdHoweverOftenItIsPublished() {
    var event = Message.event(Source.STATUS_AGGREGATOR, "subject", 2, AT, "fact");

    assertThat(event.id()).isEqualTo("status-aggregator:subject:2")
        .isEqualTo(Message.event(Source.STATUS_AGGREGATOR, "subject", 2, AT.plusSeconds(1), "fact").id())
        .isNotEqualTo(Message.event(Source.JOB_SERVICE, "subject", 2, AT, "fact").id());
    assertThat(event.sequence()).isEqualTo(2);
  }

  @Test
  void anInputHasNoNumber() {
    var input = Message.unnumbered("id", Source.MQTT_BROKER, "subject", AT, "input");

    assertThat(input.extensions()).isEmpty();
    assertThatThrownBy(input::sequence).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ce_sequence: missing (expected: an attribute of id)");
  }

  @Test
  void aMessageDoesNotChangeWithTheMapItWasMadeOf() {
    var extensions = new HashMap<>(Map.of("a", "1"));
    var message = new Message<>("id", Source.MQTT_BROKER, "subject", AT, extensions, "data");

    extensions.put("b", "2");

    assertThat(message.extensions()).containsExactlyEntriesOf(Map.of("a", "1"));
  }

  @Test
  void theContextOfACommandIsReadFromItsMessage() {
    assertThat(CommandContext.of(command(CONTEXT.toExtensions()))).isEqualTo(CONTEXT);
    assertThat(CONTEXT.toExtensions()).containsOnlyKeys("fingerprint", "replyinstance", "replypartition", "expiresat");
  }

  @Test
  void aCommandWithoutItsContextIsRefused() {
    for (var name : CONTEXT.toExtensions().keySet()) {
      var extensions = new HashMap<>(CONTEXT.toExtensions());
      extensions.remove(name);
      assertThatThrownBy(() -> CommandContext.of(command(extensions))).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("ce_" + name + ": missing (expected: an attribute of " + CONTEXT.id() + ")");
    }
  }

  @Test
  void aContextThatHasNotItsFormIsRefused() {
    for (var bad : Map.of("replypartition", "seven", "expiresat", "soon").entrySet()) {
      var extensions = new HashMap<>(CONTEXT.toExtensions());
      extensions.put(bad.getKey(), bad.getValue());
      assertThatThrownBy(() -> CommandContext.of(command(extensions))).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static Message<String> command(Map<String, String> extensions) {
    return new Message<>(CONTEXT.id().value(), Source.API_GATEWAY, "subject", AT, extensions, "command");
  }
}
