// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PendingOutputTest {
  private static final Outgoing EVENT = new Outgoing(Step.FIRST, "ota.firmware.events", null, "fw-ü",
      Map.of("ce_id", "1", "ce_note", ""), "{\"a\":\"ü\"}".getBytes(StandardCharsets.UTF_8), 7);
  private static final Outgoing DEAD = new Outgoing(Step.SECOND, "ota.commands.dlt", 11, null, Map.of(),
      new byte[]{0, -1, 10});
  private static final Outgoing GONE = new Outgoing(Step.SECOND, "ota.replies", 0, "", Map.of(), null);

  @Test
  void whatIsStored_isReadBack_butForWhereItIsFrom() {
    var read = PendingOutput.ofBytes(PendingOutput.toBytes(List.of(EVENT, DEAD, GONE)));

    assertThat(read).usingRecursiveFieldByFieldElementComparatorIgnoringFields("from")
        .containsExactly(EVENT, DEAD, GONE);
  }

  @Test
  void nothing_isNoBytes() {
    assertThat(PendingOutput.toBytes(List.of())).isEmpty();
    assertThat(PendingOutput.ofBytes(null)).isEmpty();
  }

  @Test
  void recordsThatAreMuchTheSame_takeLittle() {
    var value = "x".repeat(40) + IntStream.range(0, 200).boxed().toList();
    var same = Collections.nCopies(10, new Outgoing(Step.SECOND, "ota.device.inputs", null, "key", Map.of(),
        value.getBytes(StandardCharsets.UTF_8)));

    assertThat(PendingOutput.toBytes(same)).hasSizeLessThan(2 * value.length());
  }

  @Test
  void whatAnEarlierVersionStored_isRead() {
    var json = """
               [{"step":"FIRST","topic":"ota.firmware.events","key":"fw-ü","headers":{"ce_id":"1","ce_note":""},\
               "value":"eyJhIjoiw7wifQ=="},\
               {"step":"SECOND","topic":"ota.commands.dlt","partition":11,"headers":{},"value":"AP8K"},\
               {"step":"SECOND","topic":"ota.replies","partition":0,"key":"","headers":{}}]""";

    assertThat(PendingOutput.ofBytes(json.getBytes(StandardCharsets.UTF_8)))
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("from").containsExactly(EVENT, DEAD, GONE);
  }
}
