// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.Commits;
import dev.otaverify.kit.sql.ReactiveSql;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/**
 * The read guarantee: a query that starts after a write was acknowledged sees it, whichever replica has folded it. The
 * ends of the logs are asked for after the query has come, and rows are read meanwhile, and again until they are as far. How far they
 * are is read with them, so whether that was before the ends were known does not matter.
 */
final class ReadBarrier {
  private final EndOffsets ends;
  private final ConnectionFactory database;
  private final Commits commits;
  private final QueryProperties properties;

  ReadBarrier(EndOffsets ends, ConnectionFactory database, Commits commits, QueryProperties properties) {
    this.ends = ends;
    this.database = database;
    this.commits = commits;
    this.properties = properties;
  }

  /**
   * Reads rows that hold all that was written before now. Fails with {@link BehindException} if that takes too long, or
   * Kafka or the database cannot be asked.
   *
   * @param statement gives one row with one column, the JSON of a {@code snapshot}
   */
  <S extends Snapshot> Mono<S> read(Class<S> snapshot, String statement, Object... parameters) {
    return read(rows(snapshot, statement, parameters));
  }

  /**
   * The same.
   *
   * @param rows reads them, for each subscription anew
   */
  <S extends Snapshot> Mono<S> read(Mono<S> rows) {
    return orBehind(Mono.zip(ends.ask(), rows, (asked, read) -> read.covers(asked)
        ? Mono.just(read)
        : readUntil(asked, rows)).flatMap(answer -> answer));
  }

  /**
   * Reads rows as they are now, for whoever can tell by the ends of the logs, asked for meanwhile, whether they are enough. Fails with
   * {@link BehindException} if Kafka or the database cannot be asked.
   *
   * @param judge of the ends and the rows
   */
  <R, T> Mono<T> look(Mono<R> rows, BiFunction<Map<TopicPartition, Long>, R, T> judge) {
    return orBehind(Mono.zip(ends.ask(), rows, judge));
  }

  private <T> Mono<T> orBehind(Mono<T> read) {
    return read.timeout(properties.deadline())
        .onErrorMap(TimeoutException.class, BehindException::new)
        .onErrorMap(KafkaException.class, BehindException::new)
        .onErrorMap(R2dbcException.class, BehindException::new);
  }

  private <S extends Snapshot> Mono<S> readUntil(Map<TopicPartition, Long> asked, Mono<S> rows) {
    var poll = new AtomicLong(properties.poll().toNanos());
    return Mono.defer(() -> {
      // Taken before the rows are read, so that a commit in between is not slept through.
      var commit = commits.next();
      return rows.flatMap(read -> read.covers(asked)
          ? Mono.just(read)
          : Mono.firstWithSignal(commit, Mono.delay(Duration.ofNanos(poll.getAndUpdate(this::longer))).then())
              .then(Mono.<S>empty()));
    }).repeatWhenEmpty(tries -> tries);
  }

  /** Whoever waits for long, since a partition is not moving, must not be a burden to those who do not. */
  private long longer(long poll) {
    return Math.min(poll * 2, properties.poll().toNanos() * 10);
  }

  /** What a statement gives in its one row, read as it is now. Ends by itself. */
  <R> Mono<R> rows(Class<R> type, String statement, Object... parameters) {
    return Mono.usingWhen(database.create(),
        connection -> new ReactiveSql(connection).rows(type, statement, parameters).map(rows -> rows.getFirst()),
        Connection::close).timeout(properties.deadline());
  }
}
