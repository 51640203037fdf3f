// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class NextEndOffsetsTest {
  private static final TopicPartition PARTITION = new TopicPartition("ota.firmware.events", 0);

  /** Kafka as far as it is needed: the requests it got, to be answered by hand. */
  private final List<Sinks.One<Map<TopicPartition, Long>>> requests = new ArrayList<>();
  private final EndOffsets next = new NextEndOffsets(() -> Mono.defer(() -> {
    var request = Sinks.<Map<TopicPartition, Long>>one();
    requests.add(request);
    return request.asMono();
  }));

  @Test
  void aQueryJoinsTheNextRequestAndNeverOneUnderWay() {
    var first = ask();
    assertThat(requests).hasSize(1);

    var second = ask();
    var third = ask();
    assertThat(requests).as("the two wait for the one under way").hasSize(1);

    answer(0, 10);
    assertThat(first.ends).containsExactly(10L);
    assertThat(second.ends).as("not the answer of a request sent before it asked").isEmpty();
    assertThat(requests).as("one request for both").hasSize(2);

    var fourth = ask();
    answer(1, 20);
    assertThat(second.ends).containsExactly(20L);
    assertThat(third.ends).containsExactly(20L);
    assertThat(fourth.ends).isEmpty();

    answer(2, 30);
    assertThat(fourth.ends).containsExactly(30L);
    assertThat(requests).as("none without an asker").hasSize(3);
  }

  @Test
  void aRequestIsSentAtOnceWhenNoneIsUnderWay() {
    var first = ask();
    answer(0, 10);
    var second = ask();
    assertThat(requests).hasSize(2);

    answer(1, 11);
    assertThat(first.ends).containsExactly(10L);
    assertThat(second.ends).containsExactly(11L);
  }

  @Test
  void aFailedRequestFailsItsOwnAskersOnly() {
    var first = ask();
    var second = ask();

    requests.get(0).tryEmitError(new IllegalStateException("no broker"));
    assertThat(first.failures).containsExactly("no broker");
    assertThat(second.failures).isEmpty();

    answer(1, 20);
    assertThat(second.ends).containsExactly(20L);
  }

  @Test
  void anAskerWhoGivesUpTakesNothingFromTheOthers() {
    var first = next.ask().subscribe();
    var second = next.ask().subscribe();
    var third = ask();

    first.dispose();
    second.dispose();
    answer(0, 10);
    answer(1, 20);

    assertThat(third.ends).containsExactly(20L);
  }

  private void answer(int request, long end) {
    requests.get(request).tryEmitValue(Map.of(PARTITION, end));
  }

  private Asker ask() {
    var asker = new Asker(new ArrayList<>(), new ArrayList<>());
    next.ask().subscribe(ends -> asker.ends.add(ends.getOrDefault(PARTITION, -1L)),
        failure -> asker.failures.add(String.valueOf(failure.getMessage())));
    return asker;
  }

  private record Asker(List<Long> ends, List<String> failures) {}
}
