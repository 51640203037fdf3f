// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.dispatcher.device.Change;
import dev.otaverify.dispatcher.device.Device;
import dev.otaverify.dispatcher.device.DeviceTask;
import dev.otaverify.dispatcher.device.Outbound;
import dev.otaverify.dispatcher.device.PushPolicy;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Outgoing;
import dev.otaverify.kit.unit.Step;
import dev.otaverify.kit.unit.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The devices of one batch on their way through it, with the numbers of the events about them. */
final class Fold {
  private static final Logger LOG = LoggerFactory.getLogger(Fold.class);
  /** More than a producer has under way of one device. */
  private static final int REMEMBERED = 32;
  private static final long EVENTS_WITH_ALL = 500;

  private final Map<DeviceId, Device> devices = new TreeMap<>();
  private final Map<DeviceId, Long> deviceNumbers = new HashMap<>();
  private final Map<TaskId, Long> taskNumbers = new HashMap<>();
  private final Set<DeviceRow> storedDevices;
  private final Map<TaskId, TaskRow> storedTasks;
  private final List<Outgoing> records = new ArrayList<>();
  private final Map<TaskId, String> traces = new HashMap<>();
  private final Map<DeviceId, List<String>> heard = new HashMap<>();
  private final List<Said> said = new ArrayList<>();
  private final List<Runnable> notices = new ArrayList<>();
  private final Transaction transaction;
  private final Instant now;
  private final PushPolicy policy;
  private final TaskMetrics metrics;

  Fold(List<DeviceRow> deviceRows, List<TaskRow> taskRows, Transaction transaction, PushPolicy policy,
      TaskMetrics metrics) {
    this.transaction = transaction;
    this.now = transaction.now();
    this.policy = policy;
    this.metrics = metrics;
    this.storedDevices = Set.copyOf(deviceRows);
    this.storedTasks = taskRows.stream().collect(Collectors.toMap(TaskRow::taskId, row -> row));
    for (var row : deviceRows) {
      devices.put(row.id(), row.toDevice());
      deviceNumbers.put(row.id(), row.eventNumber());
      heard.put(row.id(), new ArrayList<>(row.heard()));
    }
    var tasks = new HashMap<DeviceId, TreeMap<TaskId, DeviceTask>>();
    for (var row : taskRows) {
      tasks.computeIfAbsent(row.assignment().device(), id -> new TreeMap<>()).put(row.taskId(), row.toTask());
      taskNumbers.put(row.taskId(), row.eventNumber());
      if (row.trace() != null) {
        traces.put(row.taskId(), row.trace());
      }
    }
    tasks.forEach((id, its) -> {
      var device = devices.computeIfAbsent(id, Device::unknown);
      devices.put(id, new Device(id, device.presence(), device.versions(), its));
    });
  }

  void apply(Incoming<DeviceInput> input) {
    var id = input.data().device();
    if (isHeardAgain(id, input)) {
      return;
    }
    var device = devices.computeIfAbsent(id, Device::unknown);
    var decision = Device.decide(device, input.data(), now, policy);
    var changes = decision.changes().stream().filter(change -> !isTooMuch(device, change)).toList();
    var after = Device.evolve(device, changes);
    devices.put(id, after);
    note(device, after);
    var causes = new HashMap<TaskId, Incoming<DeviceInput>>();
    for (var change : changes) {
      switch (change) {
        case Change.TaskChanged c -> publish(cause(causes, input, c.event().taskId()), c.event());
        case Change.PresenceChanged c -> publish(input, id, c.event());
        case Change.VersionChanged c -> publish(input, id, c.event());
        case Change.TaskAssigned assigned -> remember(assigned.assignment().taskId(), input);
        case Change.TaskReleased unpublished -> {
        }
        case Change.VersionsForgotten unpublished -> {
        }
        case Change.TaskLeft unpublished -> {
        }
        case Change.PushPlanned unpublished -> {
        }
        case Change.SessionChanged unpublished -> {
        }
      }
    }
    for (var message : decision.outbound()) {
      @Nullable
      TaskId task = taskOf(message);
      said.add(new Said(message, (task == null ? input : cause(causes, input, task)).traceContext()));
    }
  }

  /**
   * Whether what was heard of the device stands in the log a second time. Kafka's producer writes what is under way once more, and then behind what
   * was later, when it has to begin a new epoch: an old version or percentage would be taken for a new one.
   */
  private boolean isHeardAgain(DeviceId id, Incoming<DeviceInput> input) {
    if (!Source.isOutside(input.message().source())) {
      return false;
    }
    var ids = heard.computeIfAbsent(id, any -> new ArrayList<>());
    var mark = mark(input.message().id());
    if (ids.contains(mark)) {
      return true;
    }
    ids.add(mark);
    if (ids.size() > REMEMBERED) {
      ids.removeFirst();
    }
    return false;
  }

  /** Tells it from others in few characters: 64 bits of a UUID, else the id itself. */
  private static String mark(String id) {
    try {
      var uuid = UUID.fromString(id);
      return Long.toUnsignedString(uuid.getMostSignificantBits() ^ uuid.getLeastSignificantBits(), Character.MAX_RADIX);
    } catch (IllegalArgumentException another) {
      return id;
    }
  }

  /** Counts what the tasks of a device went through. */
  private void note(Device before, Device after) {
    after.tasks().forEach((id, task) -> {
      var earlier = before.tasks().get(id);
      if (earlier instanceof DeviceTask.Notified told && hasStarted(task)) {
        var afterPush = Duration.between(told.notifiedAt(), now);
        notices.add(() -> metrics.started(afterPush));
      }
      if (task instanceof DeviceTask.Ended ended && !(earlier instanceof DeviceTask.Ended)) {
        notices.add(() -> metrics.ended(ended.outcome()));
      }
    });
  }

  private static boolean hasStarted(DeviceTask task) {
    return switch (task) {
      case DeviceTask.Ended ended -> ended.outcome() instanceof DeviceTask.Outcome.Succeeded;
      case DeviceTask.InProgress t -> true;
      case DeviceTask.Confirming t -> false;
      case DeviceTask.Queued t -> false;
      case DeviceTask.Notified t -> false;
    };
  }

  List<Outgoing> records() {
    return records;
  }

  /** What is counted and logged once it is stored. */
  List<Runnable> notices() {
    return notices;
  }

  List<Said> said() {
    return said;
  }

  /** The rows of devices that changed, if only in the number of their last event. */
  List<DeviceRow> changedDevices() {
    // Of a device that nothing is known of there is nothing to keep.
    return devices.values().stream()
        .filter(device -> !row(device, List.of()).equals(DeviceRow.of(Device.unknown(device.id()), 0, List.of())))
        .map(device -> row(device, heard.getOrDefault(device.id(), List.of())))
        .filter(row -> !storedDevices.contains(row)).toList();
  }

  private DeviceRow row(Device device, List<String> heardOfIt) {
    return DeviceRow.of(device, deviceNumbers.getOrDefault(device.id(), 0L), heardOfIt);
  }

  /** The rows of new tasks. Of two for one module of a device only one is open, and that after those that changed. */
  List<TaskRow> newTasks() {
    return tasks().filter(row -> !storedTasks.containsKey(row.taskId())).toList();
  }

  /** What is new in the rows of tasks that there were, if only the number of their last event. */
  List<TaskRow.Change> changedTasks() {
    return tasks().filter(row -> storedTasks.containsKey(row.taskId()) && !row.equals(storedTasks.get(row.taskId())))
        .map(TaskRow::change).toList();
  }

  private Stream<TaskRow> tasks() {
    return devices.values().stream().flatMap(device -> device.tasks().values().stream())
        .map(task -> TaskRow.of(task,
            new TaskRow.Kept(taskNumbers.getOrDefault(task.id(), 0L), traces.get(task.id()))));
  }

  /**
   * Whether enough is known of a task that what only explains it, or is no further than before, can be left out: a device may say anything,
   * for ever.
   */
  private boolean isTooMuch(Device before, Change change) {
    if (!(change instanceof Change.TaskChanged changed)
        || taskNumbers.getOrDefault(changed.event().taskId(), 0L) < EVENTS_WITH_ALL) {
      return false;
    }
    return switch (changed.event()) {
      case TaskDeviceObserved observed -> true;
      case TaskProgressed progressed -> before.tasks().get(progressed.taskId()) instanceof DeviceTask.InProgress task
          && progressed.percent() <= task.percent();
      case TaskEvent other -> false;
    };
  }

  private void remember(TaskId task, Incoming<DeviceInput> assignment) {
    @Nullable
    String trace = assignment.traceContext().get("traceparent");
    if (trace != null) {
      traces.put(task, trace);
    }
  }

  /** The input as part of the trace that the task belongs to: a device's report knows nothing of it. */
  private Incoming<DeviceInput> cause(Map<TaskId, Incoming<DeviceInput>> causes, Incoming<DeviceInput> input,
      TaskId task) {
    return causes.computeIfAbsent(task, id -> transaction.continuing(input, traces.get(id)));
  }

  private static @Nullable TaskId taskOf(Outbound message) {
    return switch (message) {
      case Outbound.Push push -> push.task().taskId();
      case Outbound.Answer answer -> answer.task() == null ? null : answer.task().taskId();
    };
  }

  private void publish(Incoming<DeviceInput> cause, TaskEvent event) {
    if (event instanceof TaskFailed failed) {
      notices
          .add(() -> LOG.atInfo().addKeyValue("jobId", failed.taskId().jobId()).addKeyValue("device", failed.device())
              .addKeyValue("reason", failed.reason()).addKeyValue("trace.id", cause.traceId()).log("task failed"));
    }
    long number = Objects.requireNonNull(taskNumbers.merge(event.taskId(), 1L, Long::sum));
    records.add(cause.causes(Step.FIRST, Topics.FIRMWARE_EVENTS, event.firmwareId().value(),
        Message.event(Source.DEVICE_DISPATCHER, event.taskId().value(), number, event.at(), event)));
  }

  private void publish(Incoming<DeviceInput> cause, DeviceId device, RegistryEvent event) {
    long number = Objects.requireNonNull(deviceNumbers.merge(device, 1L, Long::sum));
    records.add(cause.causes(Step.FIRST, Topics.REGISTRY_EVENTS, event.productKey().value(),
        Message.event(Source.DEVICE_DISPATCHER, device.key(), number, now, event)));
  }
}
