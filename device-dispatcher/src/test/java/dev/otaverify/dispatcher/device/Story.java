// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A device with what was decided about it: given inputs, when another one comes, then these events and messages. */
public final class Story {
  public static final Instant T0 = Instant.parse("2026-11-23T14:00:00Z");
  public static final Duration TIMEOUT = Duration.ofMinutes(30);
  public static final PushPolicy POLICY = new PushPolicy(List.of(Duration.ofMinutes(1), Duration.ofMinutes(5)),
      Duration.ofSeconds(1), Duration.ofSeconds(2));
  public static final ProductKey PRODUCT = ProductKey.of(CommandId.of("key", "product"));
  public static final DeviceId DEVICE = new DeviceId(PRODUCT, new DeviceName("device-1"));
  public static final TaskId TASK = task("first");
  public static final TaskId OTHER_TASK = task("second");
  public static final FirmwareFile FILE = new FirmwareFile("f1", "http://files/f1", 4096, "a".repeat(32),
      "b".repeat(64), FirmwareFile.SignMethod.MD5);

  private final List<TaskEvent> events = new ArrayList<>();
  private final List<TaskDeviceObserved> observations = new ArrayList<>();
  private final List<RegistryEvent> registry = new ArrayList<>();
  private final List<Outbound> outbound = new ArrayList<>();
  private Device device = Device.unknown(DEVICE);
  private Instant now = T0;

  /** A device that is online and runs version 1.0.0 of the default module. */
  public static Story online() {
    return new Story().when(connected(1)).when(version("1.0.0")).forget();
  }

  Story at(Instant time) {
    now = time;
    return this;
  }

  Story after(Duration time) {
    return at(now.plus(time));
  }

  Story when(DeviceInput... inputs) {
    for (var input : inputs) {
      var decision = Device.decide(device, input, now, POLICY);
      device = Device.evolve(device, decision.changes());
      for (var change : decision.changes()) {
        switch (change) {
          case Change.TaskChanged c when c.event() instanceof TaskDeviceObserved observed -> observations.add(observed);
          case Change.TaskChanged c -> events.add(c.event());
          case Change.VersionChanged c -> registry.add(c.event());
          case Change.PresenceChanged c -> registry.add(c.event());
          case Change.TaskAssigned silent -> {
          }
          case Change.TaskReleased silent -> {
          }
          case Change.VersionsForgotten silent -> {
          }
          case Change.TaskLeft silent -> {
          }
          case Change.PushPlanned silent -> {
          }
          case Change.SessionChanged silent -> {
          }
        }
      }
      outbound.addAll(decision.outbound());
    }
    return this;
  }

  /** What happened so far is given, not asserted. */
  Story forget() {
    events.clear();
    observations.clear();
    registry.clear();
    outbound.clear();
    return this;
  }

  Device device() {
    return device;
  }

  Instant now() {
    return now;
  }

  /** What moved tasks. */
  List<TaskEvent> events() {
    return List.copyOf(events);
  }

  /** What was heard of the device beside that. */
  List<TaskDeviceObserved> observations() {
    return List.copyOf(observations);
  }

  List<RegistryEvent> registry() {
    return List.copyOf(registry);
  }

  List<Outbound> outbound() {
    return List.copyOf(outbound);
  }

  DeviceTask task() {
    return java.util.Objects.requireNonNull(device.tasks().get(TASK));
  }

  private static TaskId task(String name) {
    var command = CommandId.of("key", name);
    return TaskId.of(JobId.of(FirmwareId.of(command), command), 0);
  }

  public static DeviceInput.AssignTask assign() {
    return assign(TASK, full(), true, false);
  }

  public static DeviceInput.AssignTask assign(TaskId task, FirmwareSpec firmware, boolean needPush,
      boolean needConfirm) {
    return new DeviceInput.AssignTask(DEVICE, task, firmware, TIMEOUT, needPush, needConfirm,
        List.of(new Tag("k.1", "v/1+=")), T0);
  }

  public static FirmwareSpec full() {
    return firmware(ModuleName.DEFAULT, null);
  }

  public static FirmwareSpec delta() {
    return firmware(ModuleName.DEFAULT, "1.0.0");
  }

  public static FirmwareSpec firmware(ModuleName module, @Nullable String srcVersion) {
    return new FirmwareSpec(PRODUCT, module, "fw", "2.0.0", srcVersion,
        srcVersion == null ? FirmwareSpec.Type.FULL : FirmwareSpec.Type.DELTA, FILE, true, null, "udi text");
  }

  public static DeviceInput version(String version) {
    return version(version, T0);
  }

  public static DeviceInput version(String version, Instant at) {
    return new DeviceInput.VersionReported(DEVICE, ModuleName.DEFAULT, version, at);
  }

  public static DeviceInput progress(int step) {
    return progress(step, "");
  }

  public static DeviceInput progress(int step, String description) {
    return new DeviceInput.ProgressReported(DEVICE, ModuleName.DEFAULT, step, description, T0);
  }

  public static DeviceInput.FirmwareRequested fetch() {
    return new DeviceInput.FirmwareRequested(DEVICE, ModuleName.DEFAULT, "2", false, T0);
  }

  public static DeviceInput connected(long session) {
    return new DeviceInput.Connected(DEVICE, session, "10.0.0.1:5000", T0);
  }

  public static DeviceInput disconnected(long session) {
    return new DeviceInput.Disconnected(DEVICE, session, T0);
  }

  public static DeviceInput deadline(Instant dueAt) {
    return new DeviceInput.DeadlineReached(DEVICE, TASK, dueAt);
  }

  public static DeviceInput pushDue(Instant dueAt) {
    return new DeviceInput.PushDue(DEVICE, TASK, dueAt);
  }

  public static DeviceInput confirm() {
    return new DeviceInput.ConfirmTask(DEVICE, TASK, T0);
  }

  public static DeviceInput cancel() {
    return new DeviceInput.CancelTask(DEVICE, TASK, T0);
  }
}
