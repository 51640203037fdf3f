// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.retention;

import dev.otaverify.kit.sql.ReactiveSql;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Removes what is older than it is kept, on every instance, now and then. Each statement is a transaction of its own and takes a
 * bounded number of rows. Counts them as {@code ota.retention.removed} by kind.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private record Counted(Kept kept, Counter counter) {}

  private final ConnectionFactory database;
  private final List<Counted> kinds = new ArrayList<>();
  private final Duration interval;
  private final Disposable.Swap timer = Disposables.swap();

  /** @param interval between the end of one run and the next; the first is at a random time within it */
  public Retention(ConnectionFactory database, List<Kept> kinds, Duration interval, MeterRegistry registry) {
    if (interval.toMillis() < 1) {
      throw new IllegalArgumentException("ota.retention.interval: " + interval + " (expected: 1ms or more)");
    }
    this.database = database;
    this.interval = interval;
    for (var kept : kinds) {
      this.kinds.add(new Counted(kept, Counter.builder("ota.retention.removed").tag("kind", kept.kind())
          .description("Rows removed since they are older than they are kept").register(registry)));
    }
  }

  /** Begins to run now and then. */
  void start() {
    var first = Duration.ofMillis(ThreadLocalRandom.current().nextLong(interval.toMillis()) + 1);
    timer.update(Flux.interval(first, interval).onBackpressureDrop().concatMap(tick -> run()).subscribe());
  }

  /** Removes all that is due to go. What fails is logged, and due again the next time. */
  public Mono<Void> run() {
    return Flux.fromIterable(kinds).filter(kind -> !kind.kept.time().isZero()).concatMap(
        kind -> step(kind).expand(rows -> rows < kind.kept.atOnce() ? Mono.empty() : step(kind)).then()
            .onErrorResume(failure -> {
              LOG.atWarn().addKeyValue("kind", kind.kept.kind()).addKeyValue("cause", failure.toString())
                  .log("not all that is old was removed");
              return Mono.empty();
            }))
        .then();
  }

  private Mono<Long> step(Counted kind) {
    var kept = kind.kept;
    return Mono.usingWhen(database.create(),
        connection -> new ReactiveSql(connection).update(kept.statement(), kept.time().toMillis() / 1000.0,
            kept.atOnce()),
        connection -> connection.close()).doOnNext(rows -> {
          kind.counter.increment(rows);
          kept.removed().accept(rows);
        });
  }

  @Override
  public void close() {
    timer.dispose();
  }
}
