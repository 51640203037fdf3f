// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.simulator.Behaviour;
import dev.otaverify.simulator.Durations;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Many verifications on a fleet, each on ten devices, and whether each ends as the behaviour of its devices must make it
 * end. A device is in one at a time: the ten of a group go from one to the next, each time to a higher version.
 */
final class Verifications {
  /** As many as a verification may have. */
  static final int GROUP = 10;
  private static final int FIRST_VERSION = 2;
  private static final int LARGEST = 100_000_000;
  private static final int SHOWN = 20;
  /** So that some begin and others end, instead of all beginning before any is asked about. */
  private static final int STARTING = 8;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  /** Beyond the time in which a verdict must come, for the stack to tell of it. */
  private static final Duration GRACE = Duration.ofMinutes(2);

  private final OtaCalls calls;
  private final String productKey;
  private final List<Member> members;
  private final Plan plan;
  private final Semaphore starting = new Semaphore(STARTING);
  private final AtomicInteger created = new AtomicInteger();
  private final AtomicInteger right = new AtomicInteger();
  private final AtomicInteger wrong = new AtomicInteger();

  /** A device, and what it does. */
  record Member(String name, Behaviour behaviour) {}

  /**
   * How many, and for how long.
   *
   * @param timeout of each job: a device must start within it, and finish within it from its first progress
   * @param timeoutInMinutes the same as the API has it, in the stack's minutes
   */
  record Plan(int jobs, Duration timeout, int timeoutInMinutes, int fileSize) {
    Plan {
      if (jobs < 1) {
        throw new IllegalArgumentException("--jobs: " + jobs + " (expected: 1 or more)");
      }
      if (fileSize < 1 || fileSize > LARGEST) {
        throw new IllegalArgumentException("--firmware-size: " + fileSize + " (expected: 1 to " + LARGEST + ")");
      }
      if (timeoutInMinutes < 1 || timeoutInMinutes > 1440) {
        throw new IllegalArgumentException("--timeout: " + timeout + " (expected: 1m to 24h)");
      }
    }
  }

  /**
   * How a task ended or must end.
   *
   * @param reason how its description begins; empty for a success
   */
  private record Ending(String status, String reason) {
    static Ending expected(Behaviour behaviour) {
      return switch (behaviour) {
        case SUCCEED, SLOW, FLAPPING -> new Ending("SUCCEEDED", "");
        case FAIL_1 -> failed("upgrade failed");
        case FAIL_2 -> failed("download failed");
        case FAIL_3, CORRUPT_DOWNLOAD -> failed("digest failed");
        case FAIL_4 -> failed("burning failed");
        case WRONG_VERSION -> failed("unexpected version");
        case SILENT -> failed("start timeout");
      };
    }

    private static Ending failed(String reason) {
      return new Ending("FAILED", reason);
    }

    static Ending of(JsonNode task) {
      var status = task.path("TaskStatus").asString();
      return new Ending(status, status.equals("SUCCEEDED") ? "" : task.path("TaskDesc").asString("").split(":", 2)[0]);
    }
  }

  private record Job(String jobId, String firmwareId) {
    @Override
    public String toString() {
      return "job " + jobId + " of firmware " + firmwareId;
    }
  }

  /** Tasks of devices that do the same and ended alike. */
  private record Kind(Behaviour behaviour, Ending ending) {}

  /**
   * What became of a verification.
   *
   * @param mistakes what is not as it must be; empty if all is
   */
  private record Outcome(boolean verified, Duration toVerdict, List<Kind> tasks, List<String> mistakes) {}

  Verifications(OtaCalls calls, String productKey, List<Member> members, Plan plan) {
    if (members.size() < GROUP) {
      throw new IllegalArgumentException(
          "--count: " + members.size() + " (expected: " + GROUP + " or more, for the devices of a job)");
    }
    this.calls = calls;
    this.productKey = productKey;
    this.members = List.copyOf(members);
    this.plan = plan;
  }

  /** How far they are, in a line. */
  String progress() {
    return "jobs: created %d of %d, right verdicts %d, wrong %d".formatted(created.get(), plan.jobs(), right.get(),
        wrong.get());
  }

  /** What came of them, to be printed when nothing else is. */
  record Report(boolean allRight, List<String> lines) {
    void print(PrintStream out) {
      lines.forEach(out::println);
    }
  }

  /** Runs them all. */
  Report run() throws InterruptedException {
    var run = Long.toString(System.currentTimeMillis(), 36);
    var file = calls.upload(new byte[plan.fileSize()]);
    int groups = Math.min(members.size() / GROUP, plan.jobs());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = IntStream.range(0, groups).mapToObj(group -> threads.submit(() -> {
        var outcomes = new ArrayList<Outcome>();
        for (int job = group; job < plan.jobs(); job += groups) {
          outcomes.add(verify("sim-%s-%05d".formatted(run, job + 1), job / groups,
              members.subList(group * GROUP, (group + 1) * GROUP), file));
        }
        return outcomes;
      })).toList();
      try {
        return report(await(running));
      } catch (InterruptedException e) {
        threads.shutdownNow();
        throw e;
      }
    }
  }

  private static List<Outcome> await(List<? extends Future<? extends List<Outcome>>> running)
      throws InterruptedException {
    var outcomes = new ArrayList<Outcome>();
    for (var one : running) {
      try {
        outcomes.addAll(one.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    return outcomes;
  }

  private Outcome verify(String name, int round, List<Member> group, OtaCalls.UploadedFile file)
      throws InterruptedException {
    Outcome outcome;
    try {
      var job = start(name, round, group, file);
      // Before that it cannot be over, and the stack has other things to do than to say so.
      Thread.sleep(group.stream().anyMatch(member -> member.behaviour() == Behaviour.SILENT)
          ? plan.timeout()
          : FIRST_PAUSE);
      var firmware = awaitVerdict(job.firmwareId());
      outcome = judge(job, group, firmware, calls.tasks(job.jobId()));
    } catch (ApiClient.RefusedException e) {
      outcome = new Outcome(false, Duration.ZERO, List.of(), List.of(name + ": " + e.getMessage()));
    }
    (outcome.mistakes().isEmpty() ? right : wrong).incrementAndGet();
    return outcome;
  }

  private Job start(String name, int round, List<Member> group, OtaCalls.UploadedFile file)
      throws InterruptedException {
    starting.acquire();
    try {
      var firmwareId = calls.createFirmware(productKey, name, FIRST_VERSION + round + ".0.0", file);
      var jobId = calls.createVerifyJob(productKey, firmwareId, group.stream().map(Member::name).toList(),
          plan.timeoutInMinutes());
      created.incrementAndGet();
      return new Job(jobId, firmwareId);
    } finally {
      starting.release();
    }
  }

  private JsonNode awaitVerdict(String firmwareId) throws InterruptedException {
    long giveUp = System.nanoTime() + plan.timeout().multipliedBy(2).plus(GRACE).toNanos();
    for (var pause = FIRST_PAUSE;; pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE)) {
      var firmware = calls.firmware(firmwareId);
      if (firmware.path("Status").asInt() != OtaCalls.VERIFYING || System.nanoTime() > giveUp) {
        return firmware;
      }
      Thread.sleep(pause);
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Outcome judge(Job what, List<Member> group, JsonNode firmware, List<JsonNode> tasks) {
    var mistakes = new ArrayList<String>();
    boolean verified = firmware.path("Status").asInt() == OtaCalls.VERIFIED;
    boolean mustBe = group.stream()
        .allMatch(member -> Ending.expected(member.behaviour()).status().equals("SUCCEEDED"));
    // 1 is verified and 3 is failed: another one is no verdict.
    int expected = mustBe ? OtaCalls.VERIFIED : OtaCalls.FAILED;
    if (firmware.path("Status").asInt() != expected) {
      mistakes.add("%s: Status %s (expected: %d)".formatted(what, firmware.path("Status"), expected));
    }
    var byName = new HashMap<String, JsonNode>();
    tasks.forEach(task -> byName.put(task.path("DeviceName").asString(), task));
    var kinds = new ArrayList<Kind>();
    for (var member : group) {
      var task = byName.get(member.name());
      var ending = task == null ? new Ending("none", "no task") : Ending.of(task);
      kinds.add(new Kind(member.behaviour(), ending));
      if (!ending.equals(Ending.expected(member.behaviour()))) {
        mistakes.add("%s: %s, which is %s: %s (expected: %s)".formatted(what, member.name(), member.behaviour().id(),
            task == null ? "no task" : task.path("TaskStatus").asString() + " " + task.path("TaskDesc").asString(""),
            Ending.expected(member.behaviour())));
      }
    }
    return new Outcome(verified, toVerdict(firmware, tasks), kinds, mistakes);
  }

  /** By the stack's own times, so that it does not depend on how often it is asked. */
  private static Duration toVerdict(JsonNode firmware, List<JsonNode> tasks) {
    return tasks.isEmpty()
        ? Duration.ZERO
        : Duration.between(Instant.parse(tasks.getFirst().path("UtcCreate").asString()),
            Instant.parse(firmware.path("UtcModified").asString()));
  }

  private Report report(List<Outcome> outcomes) {
    var lines = new ArrayList<String>();
    var row = "%-16s  %-9s  %-18s  %7s  %s";
    lines.add(row.formatted("BEHAVIOUR", "STATUS", "REASON", "TASKS", "AS EXPECTED"));
    var counts = new TreeMap<String, Integer>();
    for (var outcome : outcomes) {
      outcome.tasks().forEach(kind -> counts.merge(row.formatted(kind.behaviour().id(), kind.ending().status(),
          kind.ending().reason(), "%7d", kind.ending().equals(Ending.expected(kind.behaviour())) ? "yes" : "NO"), 1,
          Integer::sum));
    }
    counts.forEach((kind, count) -> lines.add(kind.formatted(count)));
    lines.add("");
    var mistakes = outcomes.stream().flatMap(outcome -> outcome.mistakes().stream()).toList();
    mistakes.stream().limit(SHOWN).forEach(lines::add);
    if (mistakes.size() > SHOWN) {
      lines.add("… and " + (mistakes.size() - SHOWN) + " more");
    }
    long good = outcomes.stream().filter(outcome -> outcome.mistakes().isEmpty()).count();
    lines.add("Jobs: %d; right verdicts: %d, wrong: %d; verified: %d, verification failed: %d".formatted(
        outcomes.size(), good, outcomes.size() - good, outcomes.stream().filter(Outcome::verified).count(),
        outcomes.stream().filter(outcome -> !outcome.verified()).count()));
    var all = new Durations();
    outcomes.forEach(outcome -> all.add(outcome.toVerdict()));
    lines.add("From a job to its verdict: " + all.summary());
    return new Report(good == outcomes.size(), lines);
  }
}
