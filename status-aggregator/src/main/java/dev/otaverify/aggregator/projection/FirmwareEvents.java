// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.FirmwareDeleted;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareEvent.TaskEnded;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Outgoing;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Step;
import dev.otaverify.kit.unit.Transaction;
import dev.otaverify.kit.unit.UnitHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds {@link Topics#FIRMWARE_EVENTS}. When a job is complete it tells job-service, and only when Kafka has that, it
 * publishes the verdict: whoever has seen <em>verified</em> sends commands that job-service reads with it in mind.
 */
final class FirmwareEvents implements UnitHandler<FirmwareEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(FirmwareEvents.class);

  private static final String TASKS = """
                                      select row_to_json(t) from task t where task_id = any(?)
                                      union all
                                      select row_to_json(t) from unnest(?) as j (job_id) cross join lateral (
                                        select * from task where %s offset 0) t""".formatted(TaskRow.isOf("j.job_id"));

  private final Commits commits;
  private final VerdictMetrics metrics;

  FirmwareEvents(Commits commits, VerdictMetrics metrics) {
    this.commits = commits;
    this.metrics = metrics;
  }

  @Override
  public Output handle(Transaction transaction, List<Incoming<FirmwareEvent>> batch) {
    var sql = transaction.sql();
    var fold = load(sql, batch);
    var records = new ArrayList<Outgoing>();
    var effects = new ArrayList<Runnable>(List.of(commits::announce));
    for (var event : batch) {
      var decisions = fold.apply(event.message());
      records.addAll(outgoing(event, decisions));
      effects.addAll(notices(event, decisions, fold, transaction.now()));
    }
    if (records.isEmpty()) {
      transaction.needNotLast();
    }
    sql.upsert(FirmwareRow.TABLE, fold.changedFirmware());
    sql.upsert(JobRow.TABLE, fold.changedJobs());
    sql.upsert(TaskRow.TABLE, fold.changedTasks());
    sql.upsert(HistoryRow.TABLE, fold.history());
    return new Output(records, effects);
  }

  private static FirmwareFold load(Sql sql, List<Incoming<FirmwareEvent>> batch) {
    var firmwareIds = distinct(batch.stream().map(event -> event.data().firmwareId().value()));
    var jobIds = distinct(batch.stream().map(event -> jobOf(event.data())).flatMap(Stream::ofNullable)
        .map(JobId::value));
    var firmware = sql.rowsLater(FirmwareRow.class,
        "select row_to_json(f) from firmware f where firmware_id = any(?) order by firmware_id for update",
        (Object) firmwareIds);
    var jobs = sql.rowsLater(JobRow.class,
        "select row_to_json(j) from job j where job_id = any(?) order by job_id for update", (Object) jobIds);
    // The lock of the job is theirs, too.
    var tasks = sql.rowsLater(TaskRow.class, TASKS,
        distinct(batch.stream().map(FirmwareEvents::taskOf).flatMap(Stream::ofNullable).map(TaskId::value)),
        distinct(batch.stream().map(FirmwareEvents::jobThatMayEnd).flatMap(Stream::ofNullable).map(JobId::value)));
    return new FirmwareFold(firmware.get(), jobs.get(), tasks.get());
  }

  private static @Nullable JobId jobOf(FirmwareEvent event) {
    return switch (event) {
      case FirmwareCreated ignored -> null;
      case FirmwareDeleted ignored -> null;
      case VerifyJobCreated e -> e.jobId();
      case TaskEvent e -> e.taskId().jobId();
      case JobCompleted e -> e.jobId();
      case FirmwareVerified e -> e.jobId();
      case FirmwareVerificationFailed e -> e.jobId();
    };
  }

  private static @Nullable TaskId taskOf(Incoming<FirmwareEvent> event) {
    return event.data() instanceof TaskEvent e ? e.taskId() : null;
  }

  /** The job whose verdict the event may bring. */
  private static @Nullable JobId jobThatMayEnd(Incoming<FirmwareEvent> event) {
    return switch (event.data()) {
      case TaskEnded e -> e.taskId().jobId();
      case FirmwareVerified e -> e.jobId();
      case FirmwareVerificationFailed e -> e.jobId();
      case FirmwareEvent other -> null;
    };
  }

  private static String[] distinct(Stream<String> ids) {
    return ids.distinct().sorted().toArray(String[]::new);
  }

  private static List<Outgoing> outgoing(Incoming<FirmwareEvent> cause, List<FirmwareEvent> decisions) {
    var records = new ArrayList<Outgoing>();
    long number = 0;
    for (var decision : decisions) {
      number++;
      switch (decision) {
        case JobCompleted e -> records.add(event(cause, e.jobId(), number, e.at(), e));
        case FirmwareVerified e -> {
          records.add(conclusion(cause, e.jobId(), Verdict.VERIFIED, e.at()));
          records.add(event(cause, e.jobId(), number, e.at(), e));
        }
        case FirmwareVerificationFailed e -> {
          records.add(conclusion(cause, e.jobId(), Verdict.FAILED, e.at()));
          records.add(event(cause, e.jobId(), number, e.at(), e));
        }
        case FirmwareCreated e -> throw notOurs(e);
        case FirmwareDeleted e -> throw notOurs(e);
        case VerifyJobCreated e -> throw notOurs(e);
        case TaskEvent e -> throw notOurs(e);
      }
    }
    return records;
  }

  /** What counts and logs the verdict among these, if there is one. */
  private List<Runnable> notices(Incoming<FirmwareEvent> cause, List<FirmwareEvent> decisions, FirmwareFold fold,
      Instant now) {
    return decisions.stream().<Runnable>mapMulti((decision, notices) -> {
      switch (decision) {
        case FirmwareVerified e -> notices.accept(told(cause, fold.job(e.jobId()), Verdict.VERIFIED, now));
        case FirmwareVerificationFailed e -> notices.accept(told(cause, fold.job(e.jobId()), Verdict.FAILED, now));
        case FirmwareEvent other -> {
        }
      }
    }).toList();
  }

  private Runnable told(Incoming<FirmwareEvent> cause, JobRow job, Verdict verdict, Instant now) {
    return () -> {
      metrics.given(verdict, Duration.between(job.createdAt(), now));
      LOG.atInfo().addKeyValue("jobId", job.jobId()).addKeyValue("firmwareId", job.firmwareId())
          .addKeyValue("verdict", verdict).addKeyValue("trace.id", cause.traceId()).log("verification concluded");
    };
  }

  private static Outgoing event(Incoming<FirmwareEvent> cause, JobId job, long number, Instant at,
      FirmwareEvent event) {
    return cause.causes(Step.SECOND, Topics.FIRMWARE_EVENTS, event.firmwareId().value(),
        Message.event(Source.STATUS_AGGREGATOR, job.value(), number, at, event));
  }

  private static Outgoing conclusion(Incoming<FirmwareEvent> cause, JobId job, Verdict verdict, Instant at) {
    var command = new ConcludeVerification(job.firmwareId(), job, verdict, at);
    return cause.causes(Step.FIRST, Topics.COMMANDS, command.key(),
        Message.unnumbered("conclude:" + job, Source.STATUS_AGGREGATOR, job.value(), at, command));
  }

  private static IllegalStateException notOurs(FirmwareEvent event) {
    return new IllegalStateException(
        "decision: " + event.getClass().getSimpleName() + " (expected: the end of a job or its verdict)");
  }
}
