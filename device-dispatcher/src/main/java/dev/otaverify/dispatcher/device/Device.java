// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.TaskId;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A device: what it runs, whether it is there, and its tasks, of which at most one for each module is open.
 *
 * @param versions what the device said it runs, by module. For a module with a task that is not in progress this is the
 *   version an upgrade starts from, and it stays that until the task ends: a report of another one ends it.
 * @param tasks the open ones, and of the others at least those that an input may name
 */
public record Device(DeviceId id, Presence presence, Map<ModuleName, String> versions,
    SortedMap<TaskId, DeviceTask> tasks) {

  /** Copies the collections. */
  public Device {
    versions = Map.copyOf(versions);
    tasks = Collections.unmodifiableSortedMap(new TreeMap<>(tasks));
  }

  /** A device that nothing is known of. */
  public static Device unknown(DeviceId id) {
    return new Device(id, Presence.UNKNOWN, Map.of(), new TreeMap<>());
  }

  /**
   * What follows from an input.
   *
   * @param now the time of the decision, by the database's clock: deadlines and pauses are counted by it
   */
  public static Decision decide(Device before, DeviceInput input, Instant now, PushPolicy policy) {
    return new Deciding(before, now, policy).on(input);
  }

  /**
   * The device after a change.
   *
   * @throws IllegalStateException if the change cannot happen to it
   */
  public static Device evolve(Device before, Change change) {
    return switch (change) {
      case Change.TaskAssigned c -> before.with(DeviceTask.assigned(c.assignment()));
      case Change.TaskChanged c -> before.with(DeviceTask.evolve(before.task(c.event().taskId()), c.event()));
      case Change.TaskReleased c -> before.with(DeviceTask.confirmed(before.task(c.taskId())));
      case Change.VersionsForgotten c -> new Device(before.id, before.presence, Map.of(), before.tasks);
      case Change.TaskLeft c -> before
          .with(new DeviceTask.Ended(before.task(c.taskId()).assignment(), new DeviceTask.Outcome.Canceled()));
      case Change.PushPlanned c -> before.with(DeviceTask.planned(before.task(c.taskId()), c.at()));
      case Change.SessionChanged c -> before
          .with(new Presence(c.session(), before.presence.online(), before.presence.address()));
      case Change.PresenceChanged c -> before
          .with(new Presence(before.presence.session(), c.event().online(), c.event().address()));
      case Change.VersionChanged c -> {
        var versions = new HashMap<>(before.versions);
        versions.put(c.event().moduleName(), c.event().version());
        yield new Device(before.id, before.presence, versions, before.tasks);
      }
    };
  }

  /** The device after all of these. */
  public static Device evolve(Device before, List<Change> changes) {
    var after = before;
    for (var change : changes) {
      after = evolve(after, change);
    }
    return after;
  }

  /** The open task for this module. */
  DeviceTask.@Nullable Open open(ModuleName module) {
    for (var task : tasks.values()) {
      if (task instanceof DeviceTask.Open open && open.assignment().firmware().moduleName().equals(module)) {
        return open;
      }
    }
    return null;
  }

  private DeviceTask task(TaskId id) {
    @Nullable
    DeviceTask task = tasks.get(id);
    if (task == null) {
      throw new IllegalStateException("task: " + id + " (expected: one of " + this.id + ")");
    }
    return task;
  }

  private Device with(Presence changed) {
    return new Device(id, changed, versions, tasks);
  }

  private Device with(DeviceTask changed) {
    var all = new TreeMap<>(tasks);
    all.put(changed.id(), changed);
    return new Device(id, presence, versions, all);
  }
}
