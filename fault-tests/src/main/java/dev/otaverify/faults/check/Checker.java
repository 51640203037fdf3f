// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.check;

import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.faults.check.Report.Promise;
import dev.otaverify.faults.check.Timeline.Event;
import dev.otaverify.faults.check.Timeline.Job;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.history.History.Call;
import dev.otaverify.faults.history.History.Heard;
import dev.otaverify.faults.history.History.Kind;
import dev.otaverify.faults.history.History.Outcome;
import dev.otaverify.faults.history.History.Said;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Judges a run by what was seen from outside: what clients were told, what devices said and heard, what the topics hold in the
 * end; {@link Answers} has the part about queries.
 */
public final class Checker {
  private final History history;
  private final Log log;
  private final Report report = new Report();
  private final Map<String, Timeline> firmware = new LinkedHashMap<>();

  private Checker(History history, Log log) {
    this.history = history;
    this.log = log;
  }

  /** Looks at everything. */
  public static Report check(History history, Log log) {
    var checker = new Checker(history, log);
    checker.numbers();
    checker.timelines();
    checker.acceptedCalls();
    checker.jobs();
    checker.pushes();
    checker.inputs();
    new Answers(history, checker.firmware, checker.report).check();
    checker.deadLetters();
    return checker.report;
  }

  /** What stands in the log of the second reading and not in that of the first had been held back. */
  public static void pending(Report report, Log before, Log after) {
    var known = Stream.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS).flatMap(topic -> before.of(topic).stream())
        .map(entry -> entry.header("ce_id")).collect(Collectors.toSet());
    report.looked(Promise.PENDING, known.size());
    Stream.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS).flatMap(topic -> after.of(topic).stream())
        // Devices come and go with their broker.
        .filter(entry -> !entry.header("ce_type").contains("device-presence-changed")
            && !known.contains(entry.header("ce_id")))
        .forEach(entry -> report.broken(Promise.PENDING, entry.header("ce_id") + " appeared after a new start"));
  }

  /** Every event has one id, one content, and the next number of its source and subject. */
  private void numbers() {
    for (var topic : List.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS)) {
      var last = new HashMap<String, Long>();
      var contents = new HashMap<String, Log.Entry>();
      for (var entry : log.of(topic)) {
        var series = entry.header("ce_source") + " " + entry.header("ce_subject");
        long number = Long.parseLong(entry.header("ce_sequence"));
        long before = last.getOrDefault(series, 0L);
        report.check(Promise.LOST, number <= before + 1, "events are missing before " + entry.header("ce_id")
            + " (last number " + before + ")");
        last.put(series, Math.max(before, number));
        var earlier = contents.putIfAbsent(entry.header("ce_source") + entry.header("ce_id"), entry);
        report.check(Promise.DOUBLE, earlier == null || isSame(earlier, entry), "two events have the id "
            + entry.header("ce_id") + " and differ: " + (earlier == null ? "" : earlier.value()) + " / "
            + entry.value());
        var one = contents.putIfAbsent(series + " " + number, entry);
        report.check(Promise.DOUBLE, one == null || one.header("ce_id").equals(entry.header("ce_id")),
            "two events have the number " + number + " of " + series);
      }
    }
  }

  private static boolean isSame(Log.Entry one, Log.Entry other) {
    return one.key().equals(other.key()) && one.header("ce_type").equals(other.header("ce_type"))
        && one.header("ce_sequence").equals(other.header("ce_sequence"))
        && Wire.JSON.readTree(one.value()).equals(Wire.JSON.readTree(other.value()));
  }

  private void timelines() {
    var seen = new HashSet<String>();
    for (var entry : log.of(Topics.FIRMWARE_EVENTS)) {
      if (seen.add(entry.header("ce_source") + entry.header("ce_id"))) {
        firmware.computeIfAbsent(entry.key(), key -> new Timeline()).add(entry);
      }
    }
    firmware.values().forEach(timeline -> {
      report.looked(Promise.DOUBLE, timeline.events().size());
      timeline.faults().forEach(fault -> report.broken(Promise.DOUBLE, fault));
    });
  }

  private Stream<Call> calls(String action, Outcome outcome) {
    return history.calls().stream().filter(call -> call.action().equals(action) && call.outcome() == outcome);
  }

  /** What was accepted is in the log; what is in the log was accepted. */
  private void acceptedCalls() {
    var accepted = new HashSet<String>();
    calls("CreateOTAFirmware", Outcome.DONE).forEach(call -> {
      var id = call.body().path("Data").path("FirmwareId").asString();
      accepted.add(id);
      report.check(Promise.LOST, firmware.containsKey(id), "firmware " + id + " was accepted and is in no log");
    });
    calls("CreateOTAVerifyJob", Outcome.DONE).forEach(call -> {
      var id = call.body().path("Data").path("JobId").asString();
      report.check(Promise.DOUBLE, accepted.add(id), "job " + id + " was given to two calls");
      report.check(Promise.LOST, timeline(call.parameter("FirmwareId")).jobs().containsKey(id),
          "job " + id + " was accepted and is in no log");
    });
    calls("DeleteOTAFirmware", Outcome.DONE).forEach(call -> report.check(Promise.LOST,
        timeline(call.parameter("FirmwareId")).indexOf(event -> event.type().startsWith("firmware.deleted")) >= 0,
        "firmware " + call.parameter("FirmwareId") + " was deleted and is not"));
    history.calls().forEach(call -> report.check(Promise.ANSWER, call.outcome() != Outcome.UNRESOLVED,
        call.action() + " got no true answer in " + call.attempts() + " attempts since " + call.begun()));
    firmware.forEach((id, timeline) -> {
      report.check(Promise.ANSWER, accepted.contains(id),
          "firmware " + id + " is in the log, but no call was accepted");
      timeline.jobs().keySet().forEach(job -> report.check(Promise.ANSWER, accepted.contains(job),
          "job " + job + " is in the log, but no call was accepted"));
    });
  }

  private Timeline timeline(String id) {
    return firmware.getOrDefault(id, new Timeline());
  }

  private void jobs() {
    var said = history.said().stream().collect(Collectors.groupingBy(Said::device));
    var heard = history.heard().stream().collect(Collectors.groupingBy(Heard::device));
    for (var timeline : firmware.values()) {
      for (var job : timeline.jobs().values()) {
        report.check(Promise.LOST, !job.verdicts.isEmpty(), "job " + job.id + " has no verdict");
        report.check(Promise.DOUBLE, job.verdicts.size() <= 1, "job " + job.id + " has " + job.verdicts.size()
            + " verdicts");
        for (var verdict : job.verdicts) {
          report.check(Promise.WRONG_VERDICT,
              verdict.type().startsWith("firmware.verified") == job.allSucceeded()
                  && verdict.data().path("failures").size() == job.endOfTask.values().stream()
                      .filter(end -> !end.type().startsWith("task.succeeded")).count(),
              "job " + job.id + " ended as " + verdict.type() + " with tasks " + ends(job));
        }
        job.deviceOfTask.forEach((task, device) -> {
          var end = job.endOfTask.get(task);
          if (end == null) {
            report.broken(Promise.LOST, "task " + task + " has not ended");
            return;
          }
          var why = mistake(job, task, end, said.getOrDefault(device, List.of()),
              heard.getOrDefault(device, List.of()));
          report.check(Promise.WRONG_VERDICT, why.isEmpty(), "task " + task + " of " + device + " " + end.type() + " "
              + end.text("reason") + " at " + end.at() + ": " + why);
          progress(job, task, said.getOrDefault(device, List.of()));
        });
      }
    }
    terminalIsTerminal();
  }

  /** A task comes to a percentage at most as often as its device had said so by then. */
  private void progress(Job job, String task, List<Said> said) {
    job.progressed.getOrDefault(task, Map.of()).forEach((percent, times) -> {
      long reported = said.stream().filter(message -> message.kind() == Kind.PROGRESS
          && message.value().equals(percent) && couldCountFor(message, job, times.getLast())).count();
      report.check(Promise.DOUBLE, times.size() <= reported, "task " + task + " came to " + percent + " % "
          + times.size() + " times, and its device said so " + reported);
    });
  }

  private static Map<String, String> ends(Job job) {
    var ends = new TreeMap<String, String>();
    job.endOfTask.forEach((task, end) -> ends.put(task, end.type() + " " + end.text("reason")));
    return ends;
  }

  /** A writer ends a task once, and says nothing of it afterwards. */
  private void terminalIsTerminal() {
    for (var timeline : firmware.values()) {
      var endedBy = new HashMap<String, Event>();
      for (var event : timeline.events()) {
        if (!event.type().startsWith("task.")) {
          continue;
        }
        var series = event.id().substring(0, event.id().indexOf(':')) + " " + event.text("taskId");
        var end = endedBy.get(series);
        report.check(Promise.DOUBLE, end == null, event.id() + " " + event.type() + " after the same writer's "
            + (end == null ? "" : end.id() + " " + end.type()));
        if (event.endsTask()) {
          endedBy.put(series, event);
        }
      }
    }
  }

  /** Whether what the device said may have been decided on between the job's creation and then. */
  private static boolean couldCountFor(Said message, Job job, Instant end) {
    return !message.begun().isAfter(end)
        && (message.acknowledged() == null || !message.acknowledged().isBefore(job.createdAt));
  }

  /** Why a task cannot have ended so; empty if it can. */
  private String mistake(Job job, String task, Event end, List<Said> said, List<Heard> heard) {
    Predicate<Said> inTime = message -> couldCountFor(message, job, end.at());
    if (end.type().startsWith("task.succeeded")) {
      return said.stream().anyMatch(inTime.and(m -> m.kind() == Kind.VERSION && m.value().equals(job.version)))
          ? ""
          : "the device never said that it runs " + job.version;
    }
    if (end.type().startsWith("task.canceled")) {
      return history.calls().stream().anyMatch(call -> call.action().startsWith("CancelOTATask")
          && call.parameter("JobId").equals(job.id) && !call.begun().isAfter(end.at())) ? "" : "nobody cancelled it";
    }
    return switch (end.text("reason")) {
      case "UPGRADE_FAILED" -> reported(said, inTime, "-1");
      case "DOWNLOAD_FAILED" -> reported(said, inTime, "-2");
      case "DIGEST_FAILED" -> reported(said, inTime, "-3");
      case "BURN_FAILED" -> reported(said, inTime, "-4");
      case "UNEXPECTED_VERSION" ->
        said.stream().anyMatch(inTime.and(m -> m.kind() == Kind.VERSION && !m.value().equals(job.version)))
            ? ""
            : "the device never said another version";
      case "START_TIMEOUT" -> startTimeout(job, task, end, said, heard);
      case "FINISH_TIMEOUT" -> finishTimeout(job, task, end, said, heard);
      case "DEVICE_BUSY" -> wasBusy(job, task, end) ? "" : "the device had no other task";
      default -> "no device does what would lead to it";
    };
  }

  private static String reported(List<Said> said, Predicate<Said> inTime, String step) {
    return said.stream().anyMatch(inTime.and(m -> m.kind() == Kind.PROGRESS && m.value().equals(step)))
        ? ""
        : "the device never reported " + step;
  }

  private static String startTimeout(Job job, String task, Event end, List<Said> said, List<Heard> heard) {
    var due = job.createdAt.plus(job.timeout);
    if (end.at().isBefore(due)) {
      return "that was due at " + due;
    }
    return evidence(job, task, due, said, heard, m -> m.kind() == Kind.PROGRESS || m.value().equals(job.version));
  }

  private static String finishTimeout(Job job, String task, Event end, List<Said> said, List<Heard> heard) {
    var started = job.firstProgress.get(task);
    if (started == null) {
      return "it has never progressed";
    }
    var due = started.plus(job.timeout);
    if (end.at().isBefore(due)) {
      return "that was due at " + due;
    }
    return evidence(job, task, due, said, heard,
        m -> m.kind() == Kind.PROGRESS ? m.value().startsWith("-") : m.value().equals(job.version));
  }

  /** What was acknowledged in time, in answer to a push of this task, counts. */
  private static String evidence(Job job, String task, Instant due, List<Said> said, List<Heard> heard,
      Predicate<Said> wanted) {
    var told = heard.stream().filter(push -> isPushOf(push, task, job.notified.getOrDefault(task, 0)))
        .map(Heard::at).min(Comparator.naturalOrder());
    return told.flatMap(at -> said.stream().filter(wanted).filter(message -> message.begun().isAfter(at)
        && message.acknowledged() != null && message.acknowledged().isBefore(due)).findFirst())
        .map(message -> "the device was told at " + told.get() + ", and its " + message + " was acknowledged before "
            + due)
        .orElse("");
  }

  private boolean wasBusy(Job job, String task, Event end) {
    var device = job.deviceOfTask.get(task);
    return firmware.values().stream().flatMap(timeline -> timeline.jobs().values().stream())
        .filter(other -> !other.id.equals(job.id) && other.createdAt.isBefore(end.at()))
        .anyMatch(other -> other.deviceOfTask.entrySet().stream().filter(one -> one.getValue().equals(device))
            .map(one -> other.endOfTask.get(one.getKey()))
            // The dispatcher hears of a cancel after the log does.
            .anyMatch(ended -> ended == null || ended.at().isAfter(job.createdAt)
                || ended.type().startsWith("task.canceled")));
  }

  /** The id of the message that tells a device of a task for the n-th time; docs/DEVICES.md. */
  private static int pushId(String task, int attempt) {
    return Objects.hash(task, attempt) & Integer.MAX_VALUE;
  }

  private static boolean isPushOf(Heard push, String task, int attempts) {
    for (int attempt = 1; attempt <= attempts; attempt++) {
      if (push.id() == pushId(task, attempt)) {
        return true;
      }
    }
    return false;
  }

  /** A device is told once for each attempt that the log has. */
  private void pushes() {
    var attempts = new HashMap<Integer, String>();
    for (var timeline : firmware.values()) {
      timeline.jobs().values().forEach(job -> job.notified.forEach((task, count) -> {
        for (int attempt = 1; attempt <= count; attempt++) {
          attempts.put(pushId(task, attempt), job.deviceOfTask.getOrDefault(task, ""));
        }
      }));
    }
    var seen = new HashSet<String>();
    for (var push : history.heard()) {
      report.check(Promise.DOUBLE, push.device().equals(attempts.get(push.id())),
          push + " is no attempt that the log has");
      report.check(Promise.DOUBLE, seen.add(push.device() + " " + push.id()), push + " came twice");
    }
  }

  /** What devices were acknowledged is in the log of inputs, and no more than what they said. */
  private void inputs() {
    var logged = new HashMap<String, Long>();
    var ids = new HashSet<String>();
    for (var entry : log.of(Topics.DEVICE_INPUTS)) {
      // Its producer may write a record twice; what counts is what comes of it.
      if (!ids.add(entry.header("ce_source") + entry.header("ce_id"))) {
        continue;
      }
      var type = entry.header("ce_type");
      var data = type.contains("-reported") ? Wire.JSON.readTree(entry.value()) : null;
      if (data != null) {
        var what = type.contains("version-reported")
            ? Kind.VERSION + " " + data.path("version").asString("")
            : Kind.PROGRESS + " " + data.path("step").asInt();
        logged.merge(data.path("device").path("deviceName").asString("") + " " + what, 1L, Long::sum);
      }
    }
    Function<Said, String> named = message -> message.device() + " " + message.kind() + " " + message.value();
    var said = history.said().stream().collect(Collectors.groupingBy(named));
    said.forEach((what, messages) -> {
      long in = logged.getOrDefault(what, 0L);
      long acknowledged = messages.stream().filter(message -> message.acknowledged() != null).count();
      report.check(Promise.LOST, in >= acknowledged, what + ": acknowledged " + acknowledged + " times, logged " + in);
      report.check(Promise.DOUBLE, in <= messages.size(), what + ": said " + messages.size() + " times, logged " + in);
    });
    logged.forEach((what, times) -> report.check(Promise.DOUBLE, said.containsKey(what), what
        + ": logged and never said"));
  }

  private void deadLetters() {
    for (var topic : List.of(Topics.COMMANDS, Topics.DEVICE_INPUTS)) {
      var put = log.of(Topics.deadLetters(topic)).stream().map(entry -> entry.header("ce_id"))
          .collect(Collectors.toSet());
      var sent = history.poison().stream().filter(poison -> poison.topic().equals(topic)).map(History.Poison::id)
          .collect(Collectors.toSet());
      sent.forEach(id -> report.check(Promise.DEAD_LETTERS, put.contains(id), id + " is not in "
          + Topics.deadLetters(topic)));
      put.forEach(id -> report.check(Promise.DEAD_LETTERS, sent.contains(id), id + " is in "
          + Topics.deadLetters(topic) + " and was nothing to put aside"));
    }
  }
}
