// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.TaskCanceled;
import dev.otaverify.contracts.FirmwareEvent.TaskEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed.Reason;
import dev.otaverify.contracts.FirmwareEvent.TaskNotified;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated.Target;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.DevicePresenceChanged;
import dev.otaverify.contracts.RegistryEvent.DeviceVersionChanged;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** One product, one firmware and its jobs, as the writers of the events tell them; numbers are counted as they do. */
public final class Scenario {
  public static final AccountId ACCOUNT = new AccountId("default");
  public static final Instant START = Instant.parse("2026-11-23T14:38:59.123456Z");

  public final ProductKey product;
  public final FirmwareId firmware;
  private final String name;
  private final Map<String, Long> numbers = new HashMap<>();
  private int seconds;

  /** @param name another one gives another product and firmware */
  public Scenario(String name) {
    this.name = name;
    this.product = ProductKey.of(CommandId.of(name, "product"));
    this.firmware = FirmwareId.of(CommandId.of(name, "firmware"));
  }

  /** The time of the event that was told last. */
  public Instant lastAt() {
    return START.plusSeconds(seconds);
  }

  public JobId job(int number) {
    return JobId.of(firmware, CommandId.of(name, "job" + number));
  }

  public TaskId task(int job, int device) {
    return TaskId.of(job(job), device);
  }

  public DeviceName device(int device) {
    return new DeviceName("device-" + device);
  }

  public FirmwareSpec spec() {
    return new FirmwareSpec(product, ModuleName.DEFAULT, "firmware of " + name, "2.0.0", null, FirmwareSpec.Type.FULL,
        new FirmwareFile("key", "https://example.com/f", 7, "0".repeat(32), "0".repeat(64),
            FirmwareFile.SignMethod.MD5),
        true, null, null);
  }

  public Message<RegistryEvent> productCreated() {
    return registry(Source.JOB_SERVICE, product.value(),
        new ProductCreated(product, ACCOUNT, "product of " + name, 0, 1, null, next()));
  }

  public Message<RegistryEvent> versionChanged(int device, String version) {
    return registry(Source.DEVICE_DISPATCHER, id(device).key(),
        new DeviceVersionChanged(product, device(device), ModuleName.DEFAULT, version, next()));
  }

  public Message<RegistryEvent> presenceChanged(int device, boolean online) {
    return registry(Source.DEVICE_DISPATCHER, id(device).key(),
        new DevicePresenceChanged(product, device(device), online, online ? "192.0.2.7" : null, next()));
  }

  public Message<RegistryEvent> registered(int device) {
    return registry(Source.JOB_SERVICE, product.value(),
        new RegistryEvent.DeviceRegistered(product, device(device), iotId(device), ACCOUNT, null, next()));
  }

  public Message<RegistryEvent> disabled(int device) {
    return registry(Source.JOB_SERVICE, product.value(),
        new RegistryEvent.DeviceDisabled(product, device(device), next()));
  }

  public Message<RegistryEvent> deleted(int device) {
    return registry(Source.JOB_SERVICE, product.value(),
        new RegistryEvent.DeviceDeleted(product, device(device), iotId(device), next()));
  }

  public Message<RegistryEvent> moduleCreated(String module) {
    return registry(Source.JOB_SERVICE, product.value(),
        new RegistryEvent.ModuleCreated(product, new ModuleName(module), null, null, next()));
  }

  public Message<RegistryEvent> productDeleted() {
    return registry(Source.JOB_SERVICE, product.value(), new RegistryEvent.ProductDeleted(product, next()));
  }

  public Message<FirmwareEvent> firmwareCreated() {
    return byJobService(new FirmwareCreated(firmware, ACCOUNT, spec(), next()));
  }

  public Message<FirmwareEvent> jobCreated(int job, int devices) {
    var targets = IntStream.range(0, devices).mapToObj(i -> new Target(task(job, i), device(i), iotId(i))).toList();
    return byJobService(new VerifyJobCreated(firmware, job(job), ACCOUNT, product, "2.0.0", targets,
        Duration.ofMinutes(30), true, false, List.of(), next()));
  }

  public Message<FirmwareEvent> canceled(int job, int device) {
    return byJobService(new TaskCanceled(task(job, device), id(device), "by operator", next()));
  }

  public Message<FirmwareEvent> notified(int job, int device) {
    return byDispatcher(new TaskNotified(task(job, device), id(device), 1, "1.0.0", next()));
  }

  public Message<FirmwareEvent> progressed(int job, int device, int percent) {
    return byDispatcher(new TaskProgressed(task(job, device), id(device), percent, percent + " percent", next()));
  }

  public Message<FirmwareEvent> versionReported(int job, int device, String version) {
    return byDispatcher(new FirmwareEvent.TaskDeviceObserved(task(job, device), id(device),
        FirmwareEvent.TaskDeviceObserved.Observation.VERSION_REPORTED, version, next()));
  }

  public Message<FirmwareEvent> succeeded(int job, int device) {
    return byDispatcher(new TaskSucceeded(task(job, device), id(device), "2.0.0", next()));
  }

  public Message<FirmwareEvent> failed(int job, int device) {
    return byDispatcher(
        new TaskFailed(task(job, device), id(device), Reason.START_TIMEOUT, "no report (expected: one)", next()));
  }

  public IotId iotId(int device) {
    return IotId.of(product, CommandId.of(name, "device" + device));
  }

  private DeviceId id(int device) {
    return new DeviceId(product, device(device));
  }

  private Instant next() {
    seconds++;
    return lastAt();
  }

  private Message<FirmwareEvent> byJobService(FirmwareEvent event) {
    return Message.event(Source.JOB_SERVICE, firmware.value(), number(Source.JOB_SERVICE + firmware), lastAt(), event);
  }

  private Message<FirmwareEvent> byDispatcher(TaskEvent event) {
    return Message.event(Source.DEVICE_DISPATCHER, event.taskId().value(), number(event.taskId().value()), lastAt(),
        event);
  }

  private Message<RegistryEvent> registry(String source, String subject, RegistryEvent event) {
    return Message.event(source, subject, number(source + subject), lastAt(), event);
  }

  private long number(String counter) {
    return numbers.merge(counter, 1L, Long::sum);
  }
}
