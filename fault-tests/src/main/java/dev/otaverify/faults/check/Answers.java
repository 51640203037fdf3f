// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.check;

import dev.otaverify.faults.check.Report.Promise;
import dev.otaverify.faults.check.Timeline.Event;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.history.History.Call;
import dev.otaverify.faults.history.History.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Whether every answer can be explained: the order of a firmware's events in its log is the order in which everything about it happened, and an
 * answer must have been true somewhere in it, not before what had been answered earlier.
 */
final class Answers {
  private static final String NO_FIRMWARE = "iot.ota.FirmwareNotFound";
  private static final String NO_JOB = "iot.ota.JobNotFound";
  private static final String IS_VERIFYING = "iot.ota.FirmwareIsVerifying";
  private static final String IS_VERIFIED = "iot.ota.FirmwareAlreadyVerified";

  private final History history;
  private final Map<String, Timeline> firmware;
  private final Report report;

  Answers(History history, Map<String, Timeline> firmware, Report report) {
    this.history = history;
    this.firmware = firmware;
    this.report = report;
  }

  /**
   * Something that was seen, or is certain after an acknowledgement.
   *
   * @param isTrue whether it was so after the first k events
   */
  private record Seen(Call call, String what, Predicate<Timeline.State> isTrue, int atLeast) {}

  /** Looks at all answers. */
  void check() {
    var seen = new HashMap<String, List<Seen>>();
    for (var call : history.calls()) {
      var id = firmwareOf(call);
      if (!id.isEmpty()) {
        seenBy(call, timeline(id)).forEach(one -> seen.computeIfAbsent(id, any -> new ArrayList<>()).add(one));
      }
    }
    seen.forEach((id, all) -> explain(timeline(id), all));
  }

  private static String firmwareOf(Call call) {
    if (call.outcome() == Outcome.UNRESOLVED) {
      return "";
    }
    if (call.action().equals("CreateOTAFirmware")) {
      return call.body().path("Data").path("FirmwareId").asString("");
    }
    var job = call.parameter("JobId");
    // Ids nest: docs/EVENTS.md.
    return job.isEmpty() ? call.parameter("FirmwareId") : job.substring(0, 20) + "03";
  }

  private static List<Seen> seenBy(Call call, Timeline timeline) {
    var body = call.body();
    boolean done = call.outcome() == Outcome.DONE;
    return switch (call.action()) {
      case "CreateOTAFirmware" -> certain(call, timeline, event -> event.type().startsWith("firmware.created"));
      case "DeleteOTAFirmware" -> done
          ? certain(call, timeline, event -> event.type().startsWith("firmware.deleted"))
          : List.of();
      case "CreateOTAVerifyJob" -> {
        if (done) {
          var job = body.path("Data").path("JobId").asString();
          yield certain(call, timeline,
              event -> event.type().startsWith("firmware.verify-job-created") && event.text("jobId").equals(job));
        }
        yield switch (call.code()) {
          case IS_VERIFYING -> List.of(is(call, "verifying", state -> state.firmware().equals(Timeline.VERIFYING)));
          case IS_VERIFIED -> List.of(is(call, "verified", state -> state.firmware().equals(Timeline.VERIFIED)));
          case NO_FIRMWARE -> List.of(is(call, "absent", state -> state.firmware().equals(Timeline.ABSENT)));
          default -> List.of();
        };
      }
      case "QueryOTAFirmware" -> {
        var status = done
            ? body.path("FirmwareInfo").path("Status").asString()
            : call.code().equals(NO_FIRMWARE) ? Timeline.ABSENT : call.code();
        yield List.of(is(call, "Status " + status, state -> state.firmware().equals(status)));
      }
      case "QueryOTAJob" -> {
        var status = done
            ? body.path("Data").path("JobStatus").asString()
            : call.code().equals(NO_JOB) ? Timeline.ABSENT : call.code();
        yield List.of(is(call, "JobStatus " + status, state -> state.job(call.parameter("JobId")).equals(status)));
      }
      case "ListOTATaskByJob" -> {
        var tasks = new TreeMap<String, String>();
        body.path("Data").path("SimpleOTATaskInfo")
            .forEach(task -> tasks.put(task.path("TaskId").asString(), task.path("TaskStatus").asString()));
        var text = done ? tasks.toString() : call.code().equals(NO_JOB) ? Timeline.ABSENT : call.code();
        yield List.of(is(call, "tasks " + text, state -> state.tasksOf(call.parameter("JobId")).equals(text)));
      }
      case "CancelOTATaskByJob" -> {
        int index = done ? allEnded(timeline, call.parameter("JobId")) : -1;
        yield index < 0 ? List.of() : List.of(new Seen(call, "cancelled", state -> true, index));
      }
      default -> List.of();
    };
  }

  private static Seen is(Call call, String what, Predicate<Timeline.State> isTrue) {
    return new Seen(call, what, isTrue, 0);
  }

  private static List<Seen> certain(Call call, Timeline timeline, Predicate<Event> event) {
    int index = timeline.indexOf(event);
    return index < 0 ? List.of() : List.of(new Seen(call, "accepted", state -> true, index));
  }

  /** After how many events every task of the job had ended. */
  private static int allEnded(Timeline timeline, String job) {
    var wanted = timeline.jobs().get(job);
    if (wanted == null) {
      return -1;
    }
    Set<String> open = new HashSet<>(wanted.deviceOfTask.keySet());
    return timeline.indexOf(event -> {
      if (event.endsTask()) {
        open.remove(event.text("taskId"));
      }
      return open.isEmpty();
    });
  }

  /** Gives each the first moment that it can have been true at, in the order in which they were asked. */
  private void explain(Timeline timeline, List<Seen> all) {
    all.sort(Comparator.comparing(seen -> seen.call().begun()));
    // What was known when: the greatest moment of those that had ended by then.
    var ended = new TreeMap<Instant, Integer>();
    for (var seen : all) {
      var before = ended.lowerEntry(seen.call().begun());
      int from = before == null ? 0 : before.getValue();
      // What is asked when all is quiet is told how it all ended.
      int least = seen.call().begun().isAfter(history.settled()) ? timeline.events().size() : seen.atLeast();
      int moment = Math.max(from, least);
      while (moment < timeline.states().size() && !seen.isTrue().test(timeline.states().get(moment))) {
        moment++;
      }
      boolean explained = moment < timeline.states().size();
      report.check(Promise.STALE_READ, explained,
          seen.call().action() + " " + seen.call().parameters() + " from " + seen.call().begun() + " to "
              + seen.call().ended() + " saw " + seen.what() + ", not true after event " + from + " of "
              + timeline.events().size() + ": " + (from == 0 ? "" : timeline.events().get(from - 1).id()));
      if (explained) {
        note(ended, seen.call().ended(), moment);
      }
    }
  }

  private static void note(NavigableMap<Instant, Integer> ended, Instant at, int moment) {
    var before = ended.floorEntry(at);
    if (before != null && before.getValue() >= moment) {
      return;
    }
    ended.put(at, moment);
    for (var later = ended.higherEntry(at); later != null && later.getValue() <= moment; later = ended
        .higherEntry(at)) {
      ended.remove(later.getKey());
    }
  }

  private Timeline timeline(String id) {
    return firmware.getOrDefault(id, new Timeline());
  }
}
