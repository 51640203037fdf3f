// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.check;

import dev.otaverify.contracts.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * One firmware as its events tell, after each of them: {@code states().get(k)} is after the first k. Written from
 * docs/EVENTS.md and not from the services' code.
 */
final class Timeline {
  static final String ABSENT = "ABSENT";
  static final String UNVERIFIED = "0";
  static final String VERIFIED = "1";
  static final String VERIFYING = "2";
  static final String FAILED = "3";

  /** One distinct event. */
  record Event(String type, String id, JsonNode data) {
    Instant at() {
      return Instant.parse(data.path("at").asString());
    }

    String text(String name) {
      return data.path(name).asString("");
    }

    boolean endsTask() {
      return type.startsWith("task.succeeded") || type.startsWith("task.failed") || type.startsWith("task.canceled");
    }
  }

  /**
   * How things stand.
   *
   * @param firmware {@code Status} of QueryOTAFirmware
   * @param jobs {@code JobStatus} of each
   * @param tasks {@code TaskStatus} of those of each job
   */
  record State(String firmware, Map<String, String> jobs, Map<String, Map<String, String>> tasks) {
    static final State NONE = new State(ABSENT, Map.of(), Map.of());

    String job(String id) {
      return firmware.equals(ABSENT) ? ABSENT : jobs.getOrDefault(id, ABSENT);
    }

    String tasksOf(String job) {
      return firmware.equals(ABSENT)
          ? ABSENT
          : tasks.containsKey(job) ? tasks.getOrDefault(job, Map.of()).toString() : ABSENT;
    }
  }

  /** A job, and what became of it. */
  static final class Job {
    final String id;
    final Instant createdAt;
    final Duration timeout;
    final String version;
    final Map<String, String> deviceOfTask = new LinkedHashMap<>();
    final Map<String, Event> endOfTask = new HashMap<>();
    final Map<String, Integer> notified = new HashMap<>();
    final Map<String, Instant> firstProgress = new HashMap<>();
    final Map<String, Map<String, List<Instant>>> progressed = new HashMap<>();
    final List<Event> verdicts = new ArrayList<>();
    int begun;

    Job(Event created) {
      id = created.text("jobId");
      createdAt = created.at();
      version = created.text("destVersion");
      timeout = Duration.parse(created.text("timeout"));
      created.data().path("targets")
          .forEach(target -> deviceOfTask.put(target.path("taskId").asString(), target.path("deviceName").asString()));
    }

    boolean allSucceeded() {
      return deviceOfTask.keySet().stream()
          .allMatch(task -> endOfTask.containsKey(task) && endOfTask.get(task).type().startsWith("task.succeeded"));
    }
  }

  private final List<Event> events = new ArrayList<>();
  private final List<State> states = new ArrayList<>(List.of(State.NONE));
  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();

  List<Event> events() {
    return events;
  }

  List<State> states() {
    return states;
  }

  Map<String, Job> jobs() {
    return jobs;
  }

  /** What cannot have happened to a firmware and has. */
  List<String> faults() {
    return faults;
  }

  /** The number of events after which this one has happened; -1 if it never did. */
  int indexOf(Predicate<Event> wanted) {
    for (int i = 0; i < events.size(); i++) {
      if (wanted.test(events.get(i))) {
        return i + 1;
      }
    }
    return -1;
  }

  /** Adds the next distinct event in the order of the log. */
  void add(Log.Entry entry) {
    var event = new Event(entry.header("ce_type").replace("dev.otaverify.", ""), entry.header("ce_id"),
        Wire.JSON.readTree(entry.value()));
    events.add(event);
    states.add(after(states.getLast(), event));
  }

  private State after(State before, Event event) {
    return switch (event.type().replace(".v1", "")) {
      case "firmware.created" -> new State(UNVERIFIED, Map.of(), Map.of());
      case "firmware.deleted" -> State.NONE;
      case "firmware.verify-job-created" -> begun(before, event);
      case "job.completed" -> {
        var after = new TreeMap<>(before.jobs());
        after.put(event.text("jobId"), event.data().path("canceled").asBoolean() ? "CANCELED" : "COMPLETED");
        yield new State(before.firmware(), after, before.tasks());
      }
      case "firmware.verified" -> concluded(before, event, VERIFIED);
      case "firmware.verification-failed" -> concluded(before, event, FAILED);
      default -> task(before, event);
    };
  }

  private State begun(State before, Event event) {
    var job = new Job(event);
    var earlier = jobs.putIfAbsent(job.id, job);
    if (earlier != null) {
      earlier.begun++;
      faults.add("job " + job.id + " was created twice");
      return before;
    }
    job.begun = 1;
    if (before.firmware().equals(VERIFYING)) {
      faults.add("job " + job.id + " was created while another job of the firmware was open");
    }
    if (before.firmware().equals(VERIFIED) || before.firmware().equals(ABSENT)) {
      faults.add("job " + job.id + " was created for a firmware that is " + before.firmware());
    }
    var jobsAfter = new TreeMap<>(before.jobs());
    jobsAfter.put(job.id, "IN_PROGRESS");
    var tasks = new TreeMap<String, String>();
    boolean confirm = event.data().path("needConfirm").asBoolean();
    job.deviceOfTask.keySet().forEach(task -> tasks.put(task, confirm ? "CONFIRM" : "QUEUED"));
    var tasksAfter = new TreeMap<>(before.tasks());
    tasksAfter.put(job.id, tasks);
    return new State(VERIFYING, jobsAfter, tasksAfter);
  }

  private State concluded(State before, Event event, String status) {
    var job = jobs.get(event.text("jobId"));
    if (job == null) {
      faults.add(event.type() + " for a job that was never created: " + event.id());
      return before;
    }
    job.verdicts.add(event);
    if (!before.firmware().equals(VERIFYING)) {
      faults.add(event.type() + " of job " + job.id + " while the firmware was " + before.firmware());
    }
    return new State(status, before.jobs(), before.tasks());
  }

  private State task(State before, Event event) {
    var task = event.text("taskId");
    var job = jobs.values().stream().filter(one -> one.deviceOfTask.containsKey(task)).findFirst().orElse(null);
    if (job == null) {
      faults.add(event.type() + " for a task of no job: " + event.id());
      return before;
    }
    boolean ended = job.endOfTask.containsKey(task);
    switch (event.type().replace(".v1", "")) {
      case "task.notified" -> {
        int attempt = job.notified.merge(task, 1, Integer::sum);
        if (event.data().path("attempt").asInt() != attempt) {
          faults.add("task " + task + " was notified with attempt " + event.data().path("attempt") + " (expected: "
              + attempt + ")");
        }
      }
      case "task.progressed" -> {
        job.firstProgress.putIfAbsent(task, event.at());
        // The dispatcher may hear of a cancel later than the log does.
        if (!ended) {
          job.progressed.computeIfAbsent(task, any -> new HashMap<>())
              .computeIfAbsent(Integer.toString(event.data().path("percent").asInt()), any -> new ArrayList<>())
              .add(event.at());
        }
      }
      default -> {
      }
    }
    if (ended) {
      return before;
    }
    if (event.endsTask()) {
      job.endOfTask.put(task, event);
    }
    var status = switch (event.type().replace(".v1", "")) {
      case "task.confirmed" -> "QUEUED";
      case "task.notified" -> "NOTIFIED";
      case "task.progressed" -> "IN_PROGRESS";
      case "task.succeeded" -> "SUCCEEDED";
      case "task.failed" -> "FAILED";
      case "task.canceled" -> "CANCELED";
      default -> null;
    };
    if (status == null) {
      return before;
    }
    var tasksAfter = new TreeMap<>(before.tasks());
    var ofJob = new TreeMap<>(tasksAfter.getOrDefault(job.id, Map.of()));
    ofJob.put(task, status);
    tasksAfter.put(job.id, ofJob);
    return new State(before.firmware(), before.jobs(), tasksAfter);
  }
}
