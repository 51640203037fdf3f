// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.kit.sql.ReactiveSql;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What is not finished, counted every few seconds: {@code ota.jobs.open}, {@code ota.jobs.overdue} and
 * {@code ota.tasks.open}. Partial indexes hold what is open and nothing else, so what is finished costs nothing. Each
 * replica counts the same rows. While they cannot be counted the gauges have no value.
 */
final class OpenWork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenWork.class);
  private static final List<TaskStatus> OPEN = List.of(TaskStatus.CONFIRM, TaskStatus.QUEUED, TaskStatus.NOTIFIED,
      TaskStatus.IN_PROGRESS);
  /** A minute beyond the two time limits of a task, for what is under way. */
  private static final String COUNT = """
                                      select row_to_json(counted) from (select
                                        (select count(*) from job where ended_at is null) as jobs,
                                        (select count(*) from job where ended_at is null
                                          and created_at + 2 * timeout::interval + interval '1 minute' < now()) as overdue,
                                        (select coalesce(json_object_agg(status, tasks), '{}') from (
                                          select status, count(*) as tasks from task
                                          where open
                                          group by status) by_status) as tasks) counted""";

  private final ConnectionFactory database;
  private final Duration limit;
  private final Disposable counting;
  private volatile @Nullable Counted last;

  private record Counted(long jobs, long overdue, Map<TaskStatus, Long> tasks) {}

  /** @param interval between two counts, and the most that one may take */
  OpenWork(ConnectionFactory database, MeterRegistry registry, Duration interval) {
    this.database = database;
    this.limit = interval;
    gauge("ota.jobs.open", "Jobs without a verdict", Counted::jobs, registry);
    gauge("ota.jobs.overdue",
        "Jobs without a verdict though both time limits of their devices are over for a minute", Counted::overdue,
        registry);
    for (var status : OPEN) {
      ToDoubleFunction<Counted> count = counted -> counted.tasks().getOrDefault(status, 0L);
      Gauge.builder("ota.tasks.open", () -> value(count)).tag("state", status.name().toLowerCase(Locale.ROOT))
          .description("Tasks that have not ended, by state").register(registry);
    }
    counting = Flux.interval(Duration.ZERO, interval).onBackpressureDrop().concatMap(tick -> count()).subscribe();
  }

  private void gauge(String name, String description, ToDoubleFunction<Counted> count,
      MeterRegistry registry) {
    Gauge.builder(name, () -> value(count)).description(description).register(registry);
  }

  private double value(ToDoubleFunction<Counted> count) {
    @Nullable
    Counted counted = last;
    return counted == null ? Double.NaN : count.applyAsDouble(counted);
  }

  private Mono<Void> count() {
    return Mono.usingWhen(database.create(),
        connection -> new ReactiveSql(connection).rows(Counted.class, COUNT).map(List::getFirst), Connection::close)
        .timeout(limit).doOnNext(counted -> last = counted).onErrorResume(error -> {
          if (last != null) {
            LOG.atWarn().addKeyValue("cause", error.toString()).log("open work not counted");
          }
          last = null;
          return Mono.empty();
        }).then();
  }

  @Override
  public void close() {
    counting.dispose();
  }
}
