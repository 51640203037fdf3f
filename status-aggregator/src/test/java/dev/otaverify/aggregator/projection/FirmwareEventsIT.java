// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.otaverify.aggregator.Scenario;
import dev.otaverify.aggregator.TestRows;
import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed.DeviceFailure;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.contracts.Wire;
import dev.otaverify.contracts.query.FirmwareStatus;
import dev.otaverify.contracts.query.JobStatus;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.kit.retention.Kept;
import dev.otaverify.kit.retention.Retention;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Outgoing;
import dev.otaverify.kit.unit.Step;
import dev.otaverify.kit.unit.Transaction;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FirmwareEventsIT {
  private static final TestRows ROWS = new TestRows();

  private final FirmwareEvents handler = new FirmwareEvents(new Commits(),
      new VerdictMetrics(new SimpleMeterRegistry()));

  @Test
  void aVerificationThatSucceedsIsShownWhenItsVerdictIsReadBack() {
    var scenario = new Scenario("succeeds");
    given(scenario.firmwareCreated());
    assertThat(firmware(scenario)).isEqualTo(new FirmwareRow(scenario.firmware, Scenario.ACCOUNT, scenario.product,
        scenario.spec(), FirmwareStatus.UNVERIFIED, 0, null, scenario.lastAt(), scenario.lastAt(), null, 1));

    given(scenario.jobCreated(1, 2), scenario.notified(1, 0), scenario.progressed(1, 0, 40));
    assertThat(firmware(scenario).status()).isEqualTo(FirmwareStatus.VERIFYING);
    assertThat(firmware(scenario).verifyProgress()).isZero();
    assertThat(task(scenario, 1, 0)).isEqualTo(new TaskRow(scenario.task(1, 0), scenario.job(1), scenario.device(0),
        scenario.iotId(0), "1.0.0", TaskStatus.IN_PROGRESS, 40, null, "40 percent", Scenario.START.plusSeconds(2),
        scenario.lastAt(), 2, 3));
    assertThat(task(scenario, 1, 1).status()).isEqualTo(TaskStatus.QUEUED);

    assertThat(given(scenario.succeeded(1, 0))).isEmpty();
    assertThat(firmware(scenario).verifyProgress()).isEqualTo(50);

    var output = given(scenario.succeeded(1, 1));
    var at = scenario.lastAt();
    assertThat(output).extracting(Outgoing::step, Outgoing::topic, Outgoing::key).containsExactlyInAnyOrder(
        tuple(Step.FIRST, Topics.COMMANDS, scenario.firmware.value()),
        tuple(Step.SECOND, Topics.FIRMWARE_EVENTS, scenario.firmware.value()),
        tuple(Step.SECOND, Topics.FIRMWARE_EVENTS, scenario.firmware.value()));
    assertThat(commands(output)).containsExactly(
        Message.unnumbered("conclude:" + scenario.job(1), Source.STATUS_AGGREGATOR, scenario.job(1).value(), at,
            new ConcludeVerification(scenario.firmware, scenario.job(1), Verdict.VERIFIED, at)));
    var own = events(output);
    assertThat(own).containsExactly(
        Message.event(Source.STATUS_AGGREGATOR, scenario.job(1).value(), 1, at,
            new JobCompleted(scenario.firmware, scenario.job(1), false, at)),
        Message.event(Source.STATUS_AGGREGATOR, scenario.job(1).value(), 2, at,
            new FirmwareVerified(scenario.firmware, scenario.job(1), at)));
    assertThat(firmware(scenario).status()).as("before it is read back").isEqualTo(FirmwareStatus.VERIFYING);
    assertThat(job(scenario, 1).status()).isEqualTo(JobStatus.IN_PROGRESS);

    assertThat(given(own.get(0), own.get(0), own.get(1), own.get(0), own.get(1))).isEmpty();
    assertThat(firmware(scenario).status()).isEqualTo(FirmwareStatus.VERIFIED);
    assertThat(firmware(scenario).verifyProgress()).isEqualTo(100);
    assertThat(job(scenario, 1).status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(job(scenario, 1).endedAt()).isEqualTo(at);
    assertThat(task(scenario, 1, 1).progress()).isEqualTo(100);
  }

  @Test
  void theFirstEndOfATaskInTheLogCountsWhoeverWroteIt() {
    var scenario = new Scenario("races");
    given(scenario.firmwareCreated(), scenario.jobCreated(1, 3));

    // Device 0 is cancelled before its success, device 1 after it, device 2 fails.
    assertThat(given(scenario.canceled(1, 0), scenario.succeeded(1, 0), scenario.succeeded(1, 1),
        scenario.canceled(1, 1))).isEmpty();
    assertThat(firmware(scenario).verifyProgress()).isEqualTo(33);
    var own = events(given(scenario.failed(1, 2)));

    assertThat(own.get(1).data()).isEqualTo(new FirmwareVerificationFailed(scenario.firmware, scenario.job(1),
        List.of(new DeviceFailure(scenario.task(1, 0), scenario.device(0), "CANCELED", "by operator"),
            new DeviceFailure(scenario.task(1, 2), scenario.device(2), "START_TIMEOUT", "no report (expected: one)")),
        scenario.lastAt()));
    given(own.get(0), own.get(1));
    assertThat(firmware(scenario).status()).isEqualTo(FirmwareStatus.VERIFICATION_FAILED);
    assertThat(firmware(scenario).verifyProgress()).as("kept").isEqualTo(33);
    assertThat(task(scenario, 1, 0).status()).isEqualTo(TaskStatus.CANCELED);
    assertThat(task(scenario, 1, 1).status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(task(scenario, 1, 2).description()).isEqualTo("no report (expected: one)");
    assertThat(given(scenario.progressed(1, 0, 70))).as("late").isEmpty();
    assertThat(task(scenario, 1, 0).progress()).isZero();
  }

  @Test
  void aJobWhoseTasksWereAllCanceledIsCanceled() {
    var scenario = new Scenario("canceled");
    given(scenario.firmwareCreated(), scenario.jobCreated(1, 2));

    var own = events(given(scenario.canceled(1, 0), scenario.canceled(1, 1)));
    given(own.get(0));

    assertThat(job(scenario, 1).status()).isEqualTo(JobStatus.CANCELED);
    assertThat(firmware(scenario).status()).as("until the verdict is read back").isEqualTo(FirmwareStatus.VERIFYING);
  }

  @Test
  void aVerdictOfAnEarlierJobDoesNotEndTheCurrentOne() {
    var scenario = new Scenario("next");
    given(scenario.firmwareCreated(), scenario.jobCreated(1, 1));
    var own = events(given(scenario.failed(1, 0)));

    // job-service has the verdict, and begins the next job before the events of the first come back.
    given(scenario.jobCreated(2, 1));
    given(own.get(0), own.get(1));

    assertThat(firmware(scenario).status()).isEqualTo(FirmwareStatus.VERIFYING);
    assertThat(firmware(scenario).jobId()).isEqualTo(scenario.job(2));
    assertThat(job(scenario, 1).status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(events(given(scenario.succeeded(2, 0)))).hasSize(2);
  }

  @Test
  void aBatchLeadsToWhatItsEventsLeadToOneByOneAndRepeatsToNothing() {
    var whole = new Scenario("batch");
    var batch = List.of(whole.firmwareCreated(), whole.jobCreated(1, 2), whole.succeeded(1, 0), whole.notified(1, 1),
        whole.progressed(1, 1, 10), whole.succeeded(1, 1));
    var twice = new ArrayList<Message<FirmwareEvent>>();
    batch.forEach(event -> twice.addAll(List.of(event, event)));

    var inOne = given(twice);
    var rows = List.of(firmware(whole), job(whole, 1), task(whole, 1, 0), task(whole, 1, 1));
    assertThat(inOne).hasSize(3);
    assertThat(given(batch)).isEmpty();
    assertThat(List.of(firmware(whole), job(whole, 1), task(whole, 1, 0), task(whole, 1, 1))).isEqualTo(rows);
    long deleted = ROWS.inTransaction(sql -> sql.update("delete from task where job_id = ?", whole.job(1).value())
        + sql.update("delete from job where job_id = ?", whole.job(1).value())
        + sql.update("delete from firmware where firmware_id = ?", whole.firmware.value()));
    assertThat(deleted).isEqualTo(4);

    var oneByOne = new ArrayList<Outgoing>();
    batch.forEach(event -> oneByOne.addAll(given(event)));

    assertThat(events(oneByOne)).isEqualTo(events(inOne));
    assertThat(List.of(firmware(whole), job(whole, 1), task(whole, 1, 0), task(whole, 1, 1))).isEqualTo(rows);
  }

  @Test
  void anOldJobGoesWithItsTasksWhenAllOfItWasReadAndNothingLateBringsAPartOfItBack() {
    var scenario = new Scenario("old");
    given(scenario.firmwareCreated());
    var created = scenario.jobCreated(1, 2);
    given(created, scenario.notified(1, 0), scenario.succeeded(1, 0));
    var own = events(given(scenario.succeeded(1, 1)));
    given(own.get(0));
    grownOld(scenario.job(1));
    remove();
    assertThat(rowsOf(scenario)).as("the verdict was not read back").containsExactly(1, 2, 3);

    given(own.get(1));
    remove();

    assertThat(rowsOf(scenario)).containsExactly(0, 0, 0);
    var firmware = firmware(scenario);
    assertThat(firmware.status()).isEqualTo(FirmwareStatus.VERIFIED);
    assertThat(given(created, scenario.progressed(1, 0, 70), scenario.failed(1, 1), own.get(0), own.get(1))).isEmpty();
    assertThat(firmware(scenario)).isEqualTo(firmware);
    // What job-service numbers by firmware goes on counting.
    assertThat(given(scenario.canceled(1, 0), scenario.jobCreated(2, 1))).isEmpty();
    assertThat(rowsOf(scenario)).containsExactly(1, 1, 0);
    assertThat(events(given(scenario.succeeded(2, 0)))).hasSize(2);
  }

  @Test
  void twoInstancesRemoveBesideEachOtherAndABatchAtATime() {
    var scenarios = IntStream.range(0, 12).mapToObj(i -> new Scenario("old-" + i)).toList();
    scenarios.forEach(scenario -> {
      given(scenario.firmwareCreated(), scenario.jobCreated(1, 1));
      events(given(scenario.failed(1, 0))).forEach(event -> given(event));
    });
    grownOld(scenarios.stream().map(scenario -> scenario.job(1)).toArray(JobId[]::new));

    var held = ROWS.inTransaction(sql -> {
      var locked = sql.rows(JobRow.class, "select to_jsonb(j) from job j where job_id = ? for update",
          scenarios.getFirst().job(1).value());
      remove(5);
      return locked;
    });
    assertThat(held).hasSize(1);

    assertThat(scenarios).allSatisfy(scenario -> assertThat(rowsOf(scenario))
        .containsExactly(scenario == scenarios.getFirst() ? new Integer[]{1, 1, 1} : new Integer[]{0, 0, 0}));
    remove();
    assertThat(rowsOf(scenarios.getFirst())).containsExactly(0, 0, 0);
  }

  private static void grownOld(JobId... jobs) {
    long updated = ROWS.inTransaction(sql -> sql.update(
        "update job set ended_at = now() - interval '91 days' where job_id = any(?)",
        (Object) Stream.of(jobs).map(JobId::value).toArray(String[]::new)));
    assertThat(updated).isEqualTo(jobs.length);
  }

  private static void remove() {
    remove(50);
  }

  private static void remove(int atOnce) {
    var kept = new ProjectionConfiguration().jobs(Duration.ofDays(90));
    try (var retention = new Retention(ROWS.connections,
        List.of(new Kept(kept.kind(), kept.time(), atOnce, kept.statement())), Duration.ofHours(1),
        new SimpleMeterRegistry())) {
      retention.run().block();
    }
  }

  /** How many there are: jobs, tasks, entries of their histories that do not follow from the job. */
  private static List<Integer> rowsOf(Scenario scenario) {
    var its = scenario.firmware.value().substring(0, 20) + "%";
    return ROWS.inTransaction(sql -> sql.rows(Integer.class,
        """
        select to_jsonb(n) from (
          select 1 as o, count(*) as n from job where job_id like ?
          union all select 2, count(*) from task where job_id like ?
          union all select 3, count(*) from task_history where task_id like ?) counts order by o""", its, its, its));
  }

  @Test
  void aGapInAWritersNumbersStopsAndSaysWhatIsMissing() {
    var scenario = new Scenario("gap");
    var created = scenario.firmwareCreated();
    var jobCreated = scenario.jobCreated(1, 1);
    assertThatThrownBy(() -> given(jobCreated)).isInstanceOf(IllegalStateException.class)
        .hasMessage("number: 2 from /otaverify/job-service about " + scenario.firmware + " (expected: 1)");

    given(created, jobCreated);
    scenario.notified(1, 0);
    var progressed = scenario.progressed(1, 0, 10);
    assertThatThrownBy(() -> given(progressed)).isInstanceOf(IllegalStateException.class)
        .hasMessage("number: 2 from /otaverify/device-dispatcher about " + scenario.task(1, 0) + " (expected: 1)");
    assertThatThrownBy(() -> given(scenario.succeeded(1, 7))).isInstanceOf(IllegalStateException.class)
        .hasMessage("TaskId: " + scenario.task(1, 7) + " (expected: a known one)");
    assertThatThrownBy(() -> given(Message.event(Source.API_GATEWAY, scenario.firmware.value(), 3, Scenario.START,
        created.data()))).isInstanceOf(IllegalStateException.class).hasMessageContaining("from /otaverify/api-gateway");
  }

  @SafeVarargs
  private final List<Outgoing> given(Message<FirmwareEvent>... messages) {
    var list = new ArrayList<Message<FirmwareEvent>>();
    for (var message : messages) {
      list.add(message);
    }
    return given(list);
  }

  private List<Outgoing> given(List<Message<FirmwareEvent>> messages) {
    var batch = new ArrayList<Incoming<FirmwareEvent>>();
    messages.forEach(message -> batch.add(
        new Incoming<>(message, message.data().firmwareId().value(), Topics.FIRMWARE_EVENTS, 0, 0, Map.of())));
    return ROWS.inTransaction(sql -> handler.handle(new Transaction(sql, Scenario.START), batch)).records();
  }

  private static List<Message<Command>> commands(List<Outgoing> output) {
    return output.stream().filter(record -> record.topic().equals(Topics.COMMANDS))
        .map(record -> Wire.decode(record.headers(), record.value(), Command.class)).toList();
  }

  private static List<Message<FirmwareEvent>> events(List<Outgoing> output) {
    return output.stream().filter(record -> record.topic().equals(Topics.FIRMWARE_EVENTS))
        .map(record -> Wire.decode(record.headers(), record.value(), FirmwareEvent.class)).toList();
  }

  private static FirmwareRow firmware(Scenario scenario) {
    return one(FirmwareRow.class, "select to_jsonb(f) from firmware f where firmware_id = ?",
        scenario.firmware.value());
  }

  private static JobRow job(Scenario scenario, int job) {
    return one(JobRow.class, "select to_jsonb(j) from job j where job_id = ?", scenario.job(job).value());
  }

  private static TaskRow task(Scenario scenario, int job, int device) {
    return one(TaskRow.class, "select to_jsonb(t) from task t where task_id = ?", scenario.task(job, device).value());
  }

  private static <R> R one(Class<R> row, String sql, String id) {
    return ROWS.inTransaction(s -> s.rows(row, sql, id)).getFirst();
  }
}
