// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import static dev.otaverify.dispatcher.device.Story.DEVICE;
import static dev.otaverify.dispatcher.device.Story.T0;
import static dev.otaverify.dispatcher.device.Story.TASK;
import static dev.otaverify.dispatcher.device.Story.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.FirmwareEvent.TaskEnded;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every order of inputs, of any length: all states that can be reached are visited, and every input is tried on each.
 * Time moves when something is due, so the states are finite: pushes are bounded, deadlines set once.
 */
class EveryOrderTest {
  private static final PushPolicy POLICY = new PushPolicy(List.of(Duration.ofSeconds(10)), Duration.ofSeconds(1),
      Duration.ofSeconds(2));

  private static final List<Explored> ALL = exploreAll();

  /** A state with what was published on the way to it; {@code ends}: how many terminal events. */
  private record Point(Device device, Instant now, int ends, int hash) {
    static Point of(Device device, Instant now, int ends) {
      // Counted once: a state is looked up often.
      return new Point(device, now, ends, Objects.hash(device, now, ends));
    }

    @Nullable
    DeviceTask task() {
      return device.tasks().get(TASK);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Point that && hash == that.hash && ends == that.ends && now.equals(that.now)
          && device.equals(that.device);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  private record Step(DeviceInput input, Instant at) {}

  private static final class Explored {
    final Map<Point, Set<Point>> next = new HashMap<>();
    final Set<String> edges = new HashSet<>();
  }

  @Test
  void aTaskEndsAtMostOnceAndTerminalIsTerminal() {
    var violations = new ArrayList<String>();
    for (var explored : ALL) {
      explored.next.forEach((point, successors) -> {
        var task = point.task();
        var told = task instanceof DeviceTask.Ended ended && !(ended.outcome() instanceof DeviceTask.Outcome.Canceled);
        if (point.ends() != (told ? 1 : 0)) {
          violations.add(point.ends() + " terminal events of " + task);
        }
        for (var after : successors) {
          if (task instanceof DeviceTask.Ended && !task.equals(after.task())) {
            violations.add(task + " became " + after.task());
          }
        }
      });
    }

    assertThat(violations).isEmpty();
    assertThat(ALL.stream().mapToInt(explored -> explored.next.size()).sum()).isGreaterThan(20_000);
  }

  @Test
  void anOpenTaskAlwaysComesToAnEndByItsDeadlines() {
    var openForEver = new ArrayList<Point>();
    for (var explored : ALL) {
      for (var point : explored.next.keySet()) {
        if (point.task() instanceof DeviceTask.Open open) {
          var due = open.deadline().isAfter(point.now()) ? open.deadline() : point.now();
          var after = Device.evolve(point.device(), Device.decide(point.device(),
              new DeviceInput.DeadlineReached(DEVICE, TASK, open.deadline()), due, POLICY).changes());
          if (!(after.tasks().get(TASK) instanceof DeviceTask.Ended)) {
            openForEver.add(point);
          }
        }
      }
    }

    assertThat(openForEver).isEmpty();
  }

  @Test
  void theDiagramHasExactlyTheEdgesThatAreTaken() {
    var taken = new HashSet<String>();
    ALL.forEach(explored -> taken.addAll(explored.edges));

    assertThat(taken).containsExactlyInAnyOrder(
        "- AssignTask Confirming", "- AssignTask Queued", "- AssignTask Notified", "- AssignTask Failed DEVICE_BUSY",
        "- AssignTask Failed SOURCE_VERSION_MISMATCH",
        "Confirming ConfirmTask Queued", "Confirming ConfirmTask Notified",
        "Confirming ConfirmTask Failed SOURCE_VERSION_MISMATCH",
        "Queued VersionReported Notified", "Queued FirmwareRequested Notified", "Queued PushDue Notified",
        "Queued VersionReported Failed SOURCE_VERSION_MISMATCH",
        "Queued FirmwareRequested Failed SOURCE_VERSION_MISMATCH", "Queued PushDue Failed SOURCE_VERSION_MISMATCH",
        "Notified ProgressReported InProgress", "Notified VersionReported Succeeded",
        "Notified VersionReported Failed SOURCE_VERSION_MISMATCH",
        "Notified FirmwareRequested Failed SOURCE_VERSION_MISMATCH",
        "Notified PushDue Failed SOURCE_VERSION_MISMATCH",
        "Notified ProgressReported Failed UPGRADE_FAILED", "Notified ProgressReported Failed DIGEST_FAILED",
        "InProgress VersionReported Succeeded", "InProgress VersionReported Failed UNEXPECTED_VERSION",
        "InProgress ProgressReported Failed UPGRADE_FAILED", "InProgress ProgressReported Failed DIGEST_FAILED",
        "InProgress FirmwareRequested Failed SOURCE_VERSION_MISMATCH",
        "Confirming DeadlineReached Failed START_TIMEOUT", "Queued DeadlineReached Failed START_TIMEOUT",
        "Notified DeadlineReached Failed START_TIMEOUT", "InProgress DeadlineReached Failed FINISH_TIMEOUT",
        "Confirming CancelTask Canceled", "Queued CancelTask Canceled", "Notified CancelTask Canceled",
        "InProgress CancelTask Canceled");
  }

  private static List<Explored> exploreAll() {
    var all = new ArrayList<Explored>();
    for (var firmware : List.of(Story.full(), Story.delta())) {
      for (boolean needPush : List.of(true, false)) {
        for (boolean needConfirm : List.of(true, false)) {
          all.add(explore(Story.assign(TASK, firmware, needPush, needConfirm)));
        }
      }
    }
    return all;
  }

  private static Explored explore(DeviceInput.AssignTask assignment) {
    var explored = new Explored();
    var open = new ArrayDeque<Point>();
    open.add(Point.of(Device.unknown(DEVICE), T0, 0));
    while (!open.isEmpty()) {
      var point = open.poll();
      if (explored.next.containsKey(point)) {
        continue;
      }
      var successors = new HashSet<Point>();
      explored.next.put(point, successors);
      for (var step : steps(point, assignment)) {
        var after = take(point, step, explored.edges);
        successors.add(after);
        open.add(after);
      }
    }
    return explored;
  }

  private static Point take(Point before, Step step, Set<String> edges) {
    var decision = Device.decide(before.device(), step.input(), step.at(), POLICY);
    var device = before.device();
    int ends = before.ends();
    for (var change : decision.changes()) {
      device = Device.evolve(device, change);
      if (change instanceof Change.TaskChanged changed && changed.event().taskId().equals(TASK)) {
        TaskEvent event = changed.event();
        ends += event instanceof TaskEnded ? 1 : 0;
      }
    }
    var from = name(before.task());
    var to = name(device.tasks().get(TASK));
    if (!from.equals(to)) {
      edges.add(from + " " + step.input().getClass().getSimpleName() + " " + to);
    }
    return Point.of(device, step.at(), ends);
  }

  private static List<Step> steps(Point point, DeviceInput.AssignTask assignment) {
    var now = point.now();
    var steps = new ArrayList<Step>();
    for (var input : List.of(assignment, Story.confirm(), Story.cancel(), Story.version("1.0.0"),
        Story.version("1.5.0"), Story.version("2.0.0"), Story.progress(0), Story.progress(100), Story.progress(-1),
        Story.progress(-3), Story.fetch(), Story.connected(1), Story.connected(2), Story.disconnected(1),
        Story.disconnected(2))) {
      steps.add(new Step(input, now));
    }
    // Too early, too late, for what is due and for what no longer is: the sweeper may write any of these.
    var times = new HashSet<>(List.of(T0.plus(TIMEOUT)));
    if (point.task() instanceof DeviceTask.Open open) {
      times.add(open.deadline());
      @Nullable
      Instant push = switch (open) {
        case DeviceTask.Queued t -> t.nextPushAt();
        case DeviceTask.Notified t -> t.nextPushAt();
        case DeviceTask.Confirming t -> null;
        case DeviceTask.InProgress t -> null;
      };
      if (push != null) {
        times.add(push);
      }
    }
    for (var due : times) {
      for (var input : List.of(new DeviceInput.DeadlineReached(DEVICE, TASK, due),
          new DeviceInput.PushDue(DEVICE, TASK, due))) {
        steps.add(new Step(input, now));
        if (due.isAfter(now)) {
          steps.add(new Step(input, due));
        }
      }
    }
    // Another job got there first. That it came before all else is enough: this task then ends as it begins.
    if (point.device().equals(Device.unknown(DEVICE))) {
      steps.add(new Step(Story.assign(Story.OTHER_TASK, Story.full(), false, true), now));
    }
    return steps;
  }

  private static String name(@Nullable DeviceTask task) {
    return switch (task) {
      case null -> "-";
      case DeviceTask.Open open -> open.getClass().getSimpleName();
      case DeviceTask.Ended(var assignment, DeviceTask.Outcome.Failed failed) -> "Failed " + failed.reason();
      case DeviceTask.Ended(var assignment, var outcome) -> outcome.getClass().getSimpleName();
    };
  }
}
