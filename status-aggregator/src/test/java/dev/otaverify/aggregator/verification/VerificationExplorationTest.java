// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.aggregator.verification.Verification.Concluded;
import dev.otaverify.aggregator.verification.Verification.Running;
import dev.otaverify.aggregator.verification.Verification.Task;
import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed.DeviceFailure;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareEvent.TaskCanceled;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed.Reason;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated.Target;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every order of events is tried on the real functions, and compared with a model that only counts first ends. */
class VerificationExplorationTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59Z");
  private static final CommandId COMMAND = CommandId.of("testid", "nonce");
  private static final ProductKey PRODUCT = ProductKey.of(COMMAND);
  private static final FirmwareId FIRMWARE = FirmwareId.of(COMMAND);
  private static final JobId JOB = JobId.of(FIRMWARE, COMMAND);

  /** What can be heard of a device; all but progress end its task. */
  private enum Kind {
    OPEN_PROGRESS, SUCCESS, FAILURE, TIMEOUT, CANCEL;

    TaskEvent event(int device) {
      var taskId = TaskId.of(JOB, device);
      var id = new DeviceId(PRODUCT, deviceName(device));
      return switch (this) {
        case OPEN_PROGRESS -> new TaskProgressed(taskId, id, 50, "", AT);
        case SUCCESS -> new TaskSucceeded(taskId, id, "2.0.0", AT);
        case FAILURE -> new TaskFailed(taskId, id, Reason.BURN_FAILED, "step -4", AT);
        case TIMEOUT -> new TaskFailed(taskId, id, Reason.START_TIMEOUT, "no report", AT);
        case CANCEL -> new TaskCanceled(taskId, id, "by operator", AT);
      };
    }

    boolean ends() {
      return this != OPEN_PROGRESS;
    }
  }

  /** The model: the first end of each device ({@code OPEN_PROGRESS}: none yet), and what the code made of it. */
  private record Node(List<Kind> firstEnds, Verification verification) {
    boolean isOver() {
      return firstEnds.stream().allMatch(Kind::ends);
    }

    /** The same situation with the devices renamed so that equal ones stand together. */
    Node canonical() {
      var order = IntStream.range(0, firstEnds.size()).boxed()
          .sorted((a, b) -> firstEnds.get(a).compareTo(firstEnds.get(b))).toList();
      var renamed = order.stream().map(firstEnds::get).toList();
      if (!(verification instanceof Running running)) {
        return new Node(renamed, verification);
      }
      var fates = running.tasks().values().stream().map(Task::fate).toList();
      var tasks = new TreeMap<TaskId, Task>();
      for (int i = 0; i < order.size(); i++) {
        tasks.put(TaskId.of(JOB, i), new Task(deviceName(i), fates.get(order.get(i))));
      }
      return new Node(renamed, new Running(JOB, tasks));
    }
  }

  @Test
  void everyOrderOfEventsOfTenDevicesEndsInExactlyOneVerdictThatNeverChanges() {
    var explored = explore(10, true);

    // Multisets of ten devices over five situations: 14 choose 4; of four ends: 13 choose 3.
    assertThat(explored.nodes()).isEqualTo(1001);
    assertThat(explored.verdicts()).isEqualTo(286);
    assertThat(explored.transitions()).isEqualTo(1001 * 10 * 5);
  }

  /** Says that treating devices as interchangeable above hides nothing: here none is renamed. */
  @Test
  void everyOrderOfEventsOfFiveNamedDevicesEndsInExactlyOneVerdictThatNeverChanges() {
    var explored = explore(5, false);

    assertThat(explored.nodes()).isEqualTo(3125);
    assertThat(explored.verdicts()).isEqualTo(1024);
    assertThat(explored.transitions()).isEqualTo(3125 * 5 * 5);
  }

  private record Explored(int nodes, int transitions, int verdicts) {}

  private static Explored explore(int devices, boolean interchangeable) {
    var created = created(devices);
    assertThat(Verification.decide(new Verification.Unknown(), created)).isEmpty();
    var start = new Node(IntStream.range(0, devices).mapToObj(i -> Kind.OPEN_PROGRESS).toList(),
        Verification.evolve(new Verification.Unknown(), created));
    var seen = new HashSet<Node>(List.of(start));
    var open = new ArrayDeque<Node>(List.of(start));
    int transitions = 0;
    while (!open.isEmpty()) {
      var node = open.remove();
      for (int device = 0; device < devices; device++) {
        for (var kind : Kind.values()) {
          transitions++;
          var next = step(node, device, kind);
          var found = interchangeable ? next.canonical() : next;
          if (seen.add(found)) {
            open.add(found);
          }
        }
      }
      assertThat(Verification.evolve(node.verification(), created)).as("job created again")
          .isEqualTo(node.verification());
    }
    int verdicts = (int) seen.stream().filter(node -> node.verification() instanceof Concluded).count();
    System.out.printf("%d devices: %d states, %d transitions, %d of the states concluded%n", devices, seen.size(),
        transitions, verdicts);
    return new Explored(seen.size(), transitions, verdicts);
  }

  private static Node step(Node node, int device, Kind kind) {
    var event = kind.event(device);
    var decisions = Verification.decide(node.verification(), event);
    var after = Verification.evolve(node.verification(), event);
    for (var decision : decisions) {
      after = Verification.evolve(after, decision);
    }
    var firstEnds = new ArrayList<>(node.firstEnds());
    if (!firstEnds.get(device).ends()) {
      firstEnds.set(device, kind);
    }
    var next = new Node(List.copyOf(firstEnds), after);
    if (node.isOver()) {
      assertThat(decisions).as("a second verdict").isEmpty();
      assertThat(after).as("a verdict that changes").isEqualTo(node.verification());
    } else if (!next.isOver()) {
      assertThat(decisions).as("a verdict while a device is open").isEmpty();
      assertThat(after).isInstanceOf(Running.class);
    } else {
      assertThat(decisions).isEqualTo(expected(firstEnds));
      assertThat(after).isEqualTo(new Concluded(JOB,
          firstEnds.stream().allMatch(end -> end == Kind.SUCCESS) ? Verdict.VERIFIED : Verdict.FAILED));
      for (var ownEvent : decisions) {
        assertThat(Verification.evolve(after, ownEvent)).as("our own event, read back").isEqualTo(after);
        assertThat(Verification.decide(after, ownEvent)).isEmpty();
      }
    }
    return next;
  }

  private static List<FirmwareEvent> expected(List<Kind> ends) {
    var failures = new ArrayList<DeviceFailure>();
    for (int i = 0; i < ends.size(); i++) {
      var taskId = TaskId.of(JOB, i);
      switch (ends.get(i)) {
        case FAILURE -> failures.add(new DeviceFailure(taskId, deviceName(i), "BURN_FAILED", "step -4"));
        case TIMEOUT -> failures.add(new DeviceFailure(taskId, deviceName(i), "START_TIMEOUT", "no report"));
        case CANCEL -> failures.add(new DeviceFailure(taskId, deviceName(i), "CANCELED", "by operator"));
        case SUCCESS, OPEN_PROGRESS -> {
        }
      }
    }
    return List.of(
        new JobCompleted(FIRMWARE, JOB, ends.stream().allMatch(end -> end == Kind.CANCEL), AT),
        failures.isEmpty()
            ? new FirmwareVerified(FIRMWARE, JOB, AT)
            : new FirmwareVerificationFailed(FIRMWARE, JOB, failures, AT));
  }

  private static VerifyJobCreated created(int devices) {
    var targets = IntStream.range(0, devices)
        .mapToObj(i -> new Target(TaskId.of(JOB, i), deviceName(i), IotId.of(PRODUCT, CommandId.of("testid", "d" + i))))
        .toList();
    return new VerifyJobCreated(FIRMWARE, JOB, new AccountId("default"), PRODUCT, "2.0.0", targets,
        Duration.ofMinutes(30), true, false, List.of(), AT);
  }

  private static DeviceName deviceName(int device) {
    return new DeviceName("device-" + device);
  }
}
