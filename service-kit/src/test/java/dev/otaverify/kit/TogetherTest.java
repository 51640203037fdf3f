// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class TogetherTest {
  private static final int MOST = 3;

  /** What is asked, to be answered by hand. */
  private final List<Request> requests = new ArrayList<>();
  /** For more to be asked, each to be ended by hand. */
  private final Queue<Sinks.One<Boolean>> pauses = new ArrayDeque<>();
  private final Together<String, String> together = new Together<>(questions -> Mono.defer(() -> {
    var request = new Request(questions, Sinks.one());
    requests.add(request);
    return request.answers.asMono();
  }), MOST, Mono.defer(() -> {
    Sinks.One<Boolean> pause = Sinks.one();
    pauses.add(pause);
    return pause.asMono();
  }));

  private record Request(List<String> questions, Sinks.One<List<String>> answers) {}

  @Test
  void thoseWhoAskSoonAfterARequestAreInTheNextIfSomebodyWaited() {
    ask("a");
    ask("b");
    end(0);
    ask("c");
    assertThat(requests).as("waits for more").hasSize(1);
    endPause();
    assertThat(requests.get(1).questions).containsExactly("b", "c");
  }

  @Test
  void aFullRequestIsSentAtOnce() {
    for (var question : List.of("a", "b", "c", "d")) {
      ask(question);
    }
    end(0);
    assertThat(requests.get(1).questions).containsExactly("b", "c", "d");
    assertThat(pauses).isEmpty();
  }

  @Test
  void aQuestionIsInTheNextRequestAndNeverInOneUnderWay() {
    var first = ask("a");
    assertThat(requests).hasSize(1);

    var second = ask("b");
    var third = ask("c");
    assertThat(requests).as("the two wait for the one under way").hasSize(1);

    answer(0);
    assertThat(first.answers).containsExactly("a!0");
    assertThat(second.answers).as("not of a request sent before it asked").isEmpty();
    assertThat(requests).as("one request for both").hasSize(2);
    assertThat(requests.get(1).questions).containsExactly("b", "c");

    var fourth = ask("d");
    answer(1);
    assertThat(second.answers).containsExactly("b!1");
    assertThat(third.answers).containsExactly("c!1");
    assertThat(fourth.answers).isEmpty();

    answer(2);
    assertThat(fourth.answers).containsExactly("d!2");
    assertThat(requests).as("none without an asker").hasSize(3);
  }

  @Test
  void aRequestIsSentAtOnceWhenNoneIsUnderWay() {
    var first = ask("a");
    answer(0);
    var second = ask("b");
    assertThat(requests).hasSize(2);

    answer(1);
    assertThat(first.answers).containsExactly("a!0");
    assertThat(second.answers).containsExactly("b!1");
  }

  @Test
  void moreThanOneRequestTakesWaitForTheOneAfter() {
    ask("a");
    for (var question : List.of("b", "c", "d", "e")) {
      ask(question);
    }

    answer(0);
    answer(1);
    assertThat(requests.get(1).questions).containsExactly("b", "c", "d");
    assertThat(requests.get(2).questions).containsExactly("e");
  }

  @Test
  void aFailedRequestFailsItsOwnAskersOnly() {
    var first = ask("a");
    var second = ask("b");

    requests.get(0).answers.tryEmitError(new IllegalStateException("no broker"));
    endPause();
    assertThat(first.failures).containsExactly("no broker");
    assertThat(second.failures).isEmpty();

    answer(1);
    assertThat(second.answers).containsExactly("b!1");
  }

  @Test
  void answersThatAreMissingAreAFailureAndHoldUpNobody() {
    var first = ask("a");
    var second = ask("b");

    requests.get(0).answers.tryEmitEmpty();
    endPause();
    assertThat(first.failures).hasSize(1);
    requests.get(1).answers.tryEmitValue(List.of("b", "one too many"));
    assertThat(second.failures).hasSize(1);
    var third = ask("c");
    answer(2);
    assertThat(third.answers).containsExactly("c!2");
  }

  @Test
  void anAskerWhoGivesUpTakesNothingFromTheOthers() {
    var first = together.ask("a").subscribe();
    var second = together.ask("b").subscribe();
    var third = ask("c");

    first.dispose();
    second.dispose();
    answer(0);
    answer(1);

    assertThat(third.answers).containsExactly("c!1");
  }

  private void answer(int number) {
    end(number);
    endPause();
  }

  private void endPause() {
    while (!pauses.isEmpty()) {
      pauses.remove().tryEmitValue(true);
    }
  }

  private void end(int number) {
    var request = requests.get(number);
    request.answers.tryEmitValue(request.questions.stream().map(question -> question + "!" + number).toList());
  }

  private Asker ask(String question) {
    var asker = new Asker(new ArrayList<>(), new ArrayList<>());
    together.ask(question).subscribe(asker.answers::add,
        failure -> asker.failures.add(String.valueOf(failure.getMessage())));
    return asker;
  }

  private record Asker(List<String> answers, List<String> failures) {}
}
