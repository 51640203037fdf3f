// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.ContextView;

/**
 * Asks many questions as one: at most one request is under way, and whoever asks meanwhile is in the next one. Never in the one under way,
 * so no answer is older than its question. If somebody waits when a request ends, more are likely to come at once: they have a
 * millisecond, unless the next request is full. Whoever finds none under way waits for nothing.
 *
 * <p>
 * A request has the context, and so the trace, of the first who is in it.
 *
 * <pre>
 *          ask: send            ask: wait            ask: wait too
 *   idle ────────────▶ under way ────────▶ under way,  ─────┐
 *    ▲                 │   ▲               next wanted ◀────┘
 *    └──── answer ─────┘   └─ answer: gather, send ──┘
 * </pre>
 *
 * @param <Q> a question
 * @param <A> its answer
 */
public final class Together<Q, A> {
  /** Less than a request takes, and its questions take little of that: under load one request for twice as many is a gain for all. */
  private static final Duration GATHER = Duration.ofMillis(1);

  private final Function<List<Q>, Mono<List<A>>> request;
  private final int most;
  private final Mono<?> gathered;
  private final Object lock = new Object();
  private boolean underWay;
  private List<Asker<Q, A>> waiting = new ArrayList<>();

  private record Asker<Q, A>(Q question, Sinks.One<A> answer, ContextView context) {}

  /**
   * What asks.
   *
   * @param request answers questions, each at its place; must end by itself. A failure is that of all of them
   * @param most questions of one request
   */
  public Together(Function<List<Q>, Mono<List<A>>> request, int most) {
    this(request, most, Mono.delay(GATHER));
  }

  /** @param gathered ends when no more questions are waited for */
  Together(Function<List<Q>, Mono<List<A>>> request, int most, Mono<?> gathered) {
    this.request = request;
    this.most = most;
    this.gathered = gathered;
  }

  /** Asks, for each subscription anew. Whoever gives up takes nothing from the others. */
  public Mono<A> ask(Q question) {
    return Mono.deferContextual(context -> {
      var asker = new Asker<Q, A>(question, Sinks.one(), context);
      synchronized (lock) {
        if (underWay) {
          waiting.add(asker);
          return asker.answer().asMono();
        }
        underWay = true;
      }
      send(List.of(asker));
      return asker.answer().asMono();
    });
  }

  private void send(List<Asker<Q, A>> askers) {
    Mono.defer(() -> request.apply(askers.stream().map(Asker::question).toList())).defaultIfEmpty(List.of())
        .filter(answers -> answers.size() == askers.size())
        .switchIfEmpty(Mono.error(() -> new IllegalStateException("answers: not one for each question")))
        .contextWrite(askers.getFirst().context())
        .subscribe(answers -> {
          ended();
          for (int i = 0; i < askers.size(); i++) {
            askers.get(i).answer().tryEmitValue(answers.get(i));
          }
        }, failure -> {
          ended();
          askers.forEach(asker -> asker.answer().tryEmitError(failure));
        });
  }

  private void ended() {
    boolean full;
    synchronized (lock) {
      underWay = !waiting.isEmpty();
      full = waiting.size() >= most;
      if (!underWay) {
        return;
      }
    }
    // However that ends: who waits must not be forgotten.
    (full ? Mono.empty() : gathered).subscribe(passed -> {}, failure -> sendNext(), this::sendNext);
  }

  private void sendNext() {
    List<Asker<Q, A>> next;
    synchronized (lock) {
      next = List.copyOf(waiting.subList(0, Math.min(most, waiting.size())));
      waiting = new ArrayList<>(waiting.subList(next.size(), waiting.size()));
    }
    send(next);
  }
}
