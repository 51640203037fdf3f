// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.faults.check.Report.Promise;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.history.History.Call;
import dev.otaverify.faults.history.History.Heard;
import dev.otaverify.faults.history.History.Kind;
import dev.otaverify.faults.history.History.Outcome;
import dev.otaverify.faults.history.History.Said;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The history of one verification on one device, right and with one thing wrong at a time. */
class CheckerTest {
  private static final String FIRMWARE = "firmware-000000000003";
  private static final String JOB = "firmware-00000000000job-000002";
  private static final String TASK = "firmware-00000000000job-000000000001";
  private static final String JOBS = "/otaverify/job-service";
  private static final String DISPATCHER = "/otaverify/device-dispatcher";
  private static final String AGGREGATOR = "/otaverify/status-aggregator";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final History history = new History();
  private final Map<String, List<Log.Entry>> log = new HashMap<>();
  private final Map<String, Integer> numbers = new HashMap<>();

  @Test
  void whatIsRightIsClean() {
    verification();

    assertThat(report().text()).contains("one fitting verdict each");
    assertThat(report().isClean()).as(report().text()).isTrue();
  }

  @Test
  void anEventThatIsMissingIsLost() {
    verification();
    numbers.merge(DISPATCHER + TASK, 1, Integer::sum);
    event(DISPATCHER, TASK, "task.device-observed", 9, Map.of("taskId", TASK));

    assertThat(report().of(Promise.LOST)).anyMatch(how -> how.contains("events are missing before"));
  }

  @Test
  void aJobThatWasAcceptedAndIsInNoLogIsLost() {
    verification();
    call("CreateOTAVerifyJob", Map.of("FirmwareId", FIRMWARE), 20, 21, Map.of("Data", Map.of("JobId", "another")));

    assertThat(report().of(Promise.LOST)).anyMatch(how -> how.contains("job another was accepted and is in no log"));
  }

  @Test
  void aJobWithoutAVerdictIsLost() {
    created();

    assertThat(report().of(Promise.LOST)).anyMatch(how -> how.contains("has no verdict"));
  }

  @Test
  void oneIdForTwoFactsIsDouble() {
    verification();
    numbers.put(DISPATCHER + TASK, 1);
    event(DISPATCHER, TASK, "task.progressed", 9, Map.of("taskId", TASK, "percent", 99));

    assertThat(report().of(Promise.DOUBLE)).anyMatch(how -> how.contains("and differ"));
  }

  @Test
  void aRepeatOfAnEventIsNothing() {
    verification();
    log.getOrDefault(Topics.FIRMWARE_EVENTS, List.of()).add(of(Topics.FIRMWARE_EVENTS).get(3));

    assertThat(report().isClean()).as(report().text()).isTrue();
  }

  @Test
  void twoVerdictsAreDouble() {
    verification();
    event(AGGREGATOR, JOB, "firmware.verification-failed", 9, Map.of("jobId", JOB, "failures", List.of()));

    assertThat(report().of(Promise.DOUBLE)).anyMatch(how -> how.contains("has 2 verdicts"));
  }

  @Test
  void aSecondJobBesideTheFirstIsDouble() {
    created();
    event(JOBS, FIRMWARE, "firmware.verify-job-created", 4, job("firmware-00000000000job-000102"));

    assertThat(report().of(Promise.DOUBLE))
        .anyMatch(how -> how.contains("while another job of the firmware was open"));
  }

  @Test
  void anEndAfterTheEndIsDouble() {
    verification();
    event(DISPATCHER, TASK, "task.failed", 9, Map.of("taskId", TASK, "reason", "UPGRADE_FAILED"));

    assertThat(report().of(Promise.DOUBLE)).anyMatch(how -> how.contains("after the same writer's"));
  }

  @Test
  void aPushThatIsNoAttemptIsDouble() {
    verification();
    history.add(new Heard("device", "2.0.0", Objects.hash(TASK, 2) & Integer.MAX_VALUE, at(4)));

    assertThat(report().of(Promise.DOUBLE)).anyMatch(how -> how.contains("is no attempt that the log has"));
  }

  @Test
  void aReportThatCountsTwiceIsDouble() {
    verification();
    input("version-reported", Map.of("version", "2.0.0"));

    assertThat(report().of(Promise.DOUBLE)).anyMatch(how -> how.contains("said 1 times, logged 2"));
  }

  @Test
  void progressThatCountsTwiceIsDouble() {
    created();
    event(DISPATCHER, TASK, "task.notified", 3, Map.of("taskId", TASK, "attempt", 1));
    said(Kind.PROGRESS, "50", 4);
    event(DISPATCHER, TASK, "task.progressed", 5, Map.of("taskId", TASK, "percent", 50));
    event(DISPATCHER, TASK, "task.progressed", 6, Map.of("taskId", TASK, "percent", 50));
    said(Kind.VERSION, "2.0.0", 7);
    event(DISPATCHER, TASK, "task.succeeded", 8, Map.of("taskId", TASK));

    assertThat(report().of(Promise.DOUBLE)).anyMatch(how -> how.contains("came to 50 % 2 times"));
  }

  @Test
  void aSuccessThatNoDeviceReportedIsAWrongVerdict() {
    created();
    event(DISPATCHER, TASK, "task.notified", 3, Map.of("taskId", TASK, "attempt", 1));
    event(DISPATCHER, TASK, "task.succeeded", 6, Map.of("taskId", TASK));

    assertThat(report().of(Promise.WRONG_VERDICT)).anyMatch(how -> how.contains("never said that it runs 2.0.0"));
  }

  @Test
  void aTimeoutAgainstWhatWasAcknowledgedInTimeIsAWrongVerdict() {
    created();
    event(DISPATCHER, TASK, "task.notified", 3, Map.of("taskId", TASK, "attempt", 1));
    history.add(new Heard("device", "2.0.0", Objects.hash(TASK, 1) & Integer.MAX_VALUE, at(3)));
    said(Kind.VERSION, "2.0.0", 4);
    event(DISPATCHER, TASK, "task.failed", 12, Map.of("taskId", TASK, "reason", "START_TIMEOUT"));

    assertThat(report().of(Promise.WRONG_VERDICT)).anyMatch(how -> how.contains("was acknowledged before"));
  }

  @Test
  void aTimeoutBeforeItsTimeIsAWrongVerdict() {
    created();
    event(DISPATCHER, TASK, "task.failed", 5, Map.of("taskId", TASK, "reason", "START_TIMEOUT"));

    assertThat(report().of(Promise.WRONG_VERDICT)).anyMatch(how -> how.contains("that was due at"));
  }

  @Test
  void aVerdictAgainstTheTasksIsWrong() {
    created();
    event(DISPATCHER, TASK, "task.failed", 12, Map.of("taskId", TASK, "reason", "START_TIMEOUT"));
    event(AGGREGATOR, JOB, "firmware.verified", 13, Map.of("jobId", JOB));

    assertThat(report().of(Promise.WRONG_VERDICT)).anyMatch(how -> how.contains("ended as firmware.verified.v1"));
  }

  @Test
  void anAnswerFromBeforeAnAcknowledgedWriteIsStale() {
    verification();
    query("0", 3, 4);

    assertThat(report().of(Promise.STALE_READ)).anyMatch(how -> how.contains("saw Status 0"));
  }

  @Test
  void anAnswerFromBeforeAnEarlierAnswerIsStale() {
    verification();
    query("1", 8, 9);
    query("2", 10, 11);

    assertThat(report().of(Promise.STALE_READ)).anyMatch(how -> how.contains("saw Status 2"));
  }

  @Test
  void anAnswerBesideAWriteMayBeEither() {
    verification();
    query("0", 1, 2);
    query("2", 1, 2);
    query("1", 8, 9);

    assertThat(report().isClean()).as(report().text()).isTrue();
  }

  @Test
  void aJobThatNobodyWasToldOfIsAnUntrueAnswer() {
    verification();
    event(JOBS, FIRMWARE, "firmware.verify-job-created", 20, job("firmware-00000000000job-000102"));

    assertThat(report().of(Promise.ANSWER)).anyMatch(how -> how.contains("no call was accepted"));
  }

  @Test
  void whatIsDeadMustHaveBeenPoison() {
    verification();
    history.add(new History.Poison(Topics.COMMANDS, "poison"));
    put(Topics.deadLetters(Topics.DEVICE_INPUTS), "", Map.of("ce_id", "innocent"), Map.of());

    assertThat(report().of(Promise.DEAD_LETTERS)).hasSize(2).anyMatch(how -> how.contains("poison is not in"))
        .anyMatch(how -> how.contains("innocent is in"));
  }

  @Test
  void whatAppearsAfterANewStartWasHeldBack() {
    created();
    var before = new Log(Map.of(Topics.FIRMWARE_EVENTS, List.copyOf(of(Topics.FIRMWARE_EVENTS))));
    event(DISPATCHER, TASK, "task.notified", 3, Map.of("taskId", TASK, "attempt", 1));
    var report = new Report();
    Checker.pending(report, before, new Log(log));

    assertThat(report.of(Promise.PENDING)).hasSize(1);
  }

  private void created() {
    event(JOBS, FIRMWARE, "firmware.created", 0, Map.of());
    call("CreateOTAFirmware", Map.of(), 0, 1, Map.of("Data", Map.of("FirmwareId", FIRMWARE)));
    event(JOBS, FIRMWARE, "firmware.verify-job-created", 2, job(JOB));
    call("CreateOTAVerifyJob", Map.of("FirmwareId", FIRMWARE), 1, 2, Map.of("Data", Map.of("JobId", JOB)));
  }

  private static Map<String, Object> job(String id) {
    var task = id.equals(JOB) ? TASK : "another-task";
    return Map.of("jobId", id, "destVersion", "2.0.0", "timeout", "PT10S", "needConfirm", false, "targets",
        List.of(Map.of("taskId", task, "deviceName", "device")));
  }

  private void verification() {
    created();
    event(DISPATCHER, TASK, "task.notified", 3, Map.of("taskId", TASK, "attempt", 1));
    history.add(new Heard("device", "2.0.0", Objects.hash(TASK, 1) & Integer.MAX_VALUE, at(3)));
    said(Kind.PROGRESS, "50", 4);
    event(DISPATCHER, TASK, "task.progressed", 5, Map.of("taskId", TASK, "percent", 50));
    said(Kind.VERSION, "2.0.0", 5);
    event(DISPATCHER, TASK, "task.succeeded", 6, Map.of("taskId", TASK));
    event(AGGREGATOR, JOB, "job.completed", 7, Map.of("jobId", JOB, "canceled", false));
    event(AGGREGATOR, JOB, "firmware.verified", 7, Map.of("jobId", JOB));
  }

  private void said(Kind kind, String value, int second) {
    history.add(new Said("device", kind, value, at(second), at(second).plusMillis(500)));
    input(kind == Kind.VERSION ? "version-reported" : "progress-reported",
        kind == Kind.VERSION ? Map.of("version", value) : Map.of("step", Integer.parseInt(value)));
  }

  private void input(String type, Map<String, Object> data) {
    var whole = new HashMap<>(data);
    whole.put("device", Map.of("productKey", "product", "deviceName", "device"));
    put(Topics.DEVICE_INPUTS, "product/device", Map.of("ce_type", "dev.otaverify.device." + type + ".v1", "ce_id",
        Integer.toString(of(Topics.DEVICE_INPUTS).size())), whole);
  }

  private void query(String status, int from, int to) {
    call("QueryOTAFirmware", Map.of("FirmwareId", FIRMWARE), from, to,
        Map.of("FirmwareInfo", Map.of("Status", Integer.parseInt(status))));
  }

  private void call(String action, Map<String, String> parameters, int from, int to, Map<String, Object> body) {
    history.add(new Call(action, parameters, at(from), at(to), 1, Outcome.DONE, "", Wire.JSON.valueToTree(body)));
  }

  private void event(String source, String subject, String type, int second, Map<String, Object> data) {
    int number = numbers.merge(source + subject, 1, Integer::sum);
    var whole = new HashMap<>(data);
    whole.put("at", at(second).toString());
    put(Topics.FIRMWARE_EVENTS, FIRMWARE, Map.of("ce_source", source, "ce_subject", subject, "ce_sequence",
        Integer.toString(number), "ce_type", "dev.otaverify." + type + ".v1", "ce_id",
        source.substring(source.lastIndexOf('/') + 1) + ":" + subject + ":" + number), whole);
  }

  private void put(String topic, String key, Map<String, String> headers, Map<String, ?> data) {
    var entries = log.computeIfAbsent(topic, any -> new ArrayList<>());
    entries.add(new Log.Entry(topic, 0, entries.size(), key, headers, Wire.JSON.writeValueAsString(data)));
  }

  private List<Log.Entry> of(String topic) {
    return log.getOrDefault(topic, List.of());
  }

  private static Instant at(int second) {
    return START.plusSeconds(second);
  }

  private Report report() {
    return Checker.check(history, new Log(log));
  }
}
