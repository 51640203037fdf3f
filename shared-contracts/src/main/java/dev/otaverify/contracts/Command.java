// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What job-service is asked to do; on {@link Topics#COMMANDS}. */
public sealed interface Command {

  /** The key on the topic: one key's commands are decided in their order. */
  String key();

  /**
   * A command of a client. Its message carries the client's {@link CommandContext}, and it is answered on
   * {@link Topics#REPLIES}.
   */
  sealed interface ClientCommand extends Command {
    /** Whose things the command is about. */
    AccountId account();
  }

  /** Create a product. {@code nodeType}: 0 device, 1 gateway. {@code dataFormat}: 0 custom, 1 Alink JSON. */
  @WireType("dev.otaverify.command.create-product.v1")
  record CreateProduct(AccountId account, ProductKey productKey, String name, int nodeType, int dataFormat,
      @Nullable String description) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /** Register a device of a product. */
  @WireType("dev.otaverify.command.register-device.v1")
  record RegisterDevice(AccountId account, ProductKey productKey, DeviceName deviceName, IotId iotId,
      @Nullable String nickname) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /** Create a firmware whose file was uploaded and measured. */
  @WireType("dev.otaverify.command.create-firmware.v1")
  record CreateFirmware(AccountId account, FirmwareId firmwareId, FirmwareSpec spec) implements ClientCommand {
    @Override
    public String key() {
      return firmwareId.value();
    }
  }

  /**
   * Verify a firmware on devices.
   *
   * @param targets 1 to 10, no two the same
   * @param timeout bounds the start of each device, and then its finish
   */
  @WireType("dev.otaverify.command.create-verify-job.v1")
  record CreateVerifyJob(AccountId account, FirmwareId firmwareId, JobId jobId, ProductKey productKey,
      List<DeviceName> targets, Duration timeout, boolean needPush, boolean needConfirm,
      List<Tag> tags) implements ClientCommand {

    /** The most devices that one verification may name. */
    public static final int MAX_TARGETS = 10;

    /** @throws IllegalArgumentException if the targets are too many, none, or repeated */
    public CreateVerifyJob {
      targets = List.copyOf(targets);
      tags = List.copyOf(tags);
      Checks.that(!targets.isEmpty() && targets.size() <= MAX_TARGETS, "targets", targets.size(), "1 to 10");
      Checks.that(targets.stream().distinct().count() == targets.size(), "targets", targets, "no two the same");
      Checks.that(timeout.isPositive(), "timeout", timeout, "more than 0");
    }

    @Override
    public String key() {
      return firmwareId.value();
    }
  }

  /** Change the name of a product, and its description unless that is null. */
  @WireType("dev.otaverify.command.update-product.v1")
  record UpdateProduct(AccountId account, ProductKey productKey, String name,
      @Nullable String description) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /** Delete a product that has neither devices nor firmware. */
  @WireType("dev.otaverify.command.delete-product.v1")
  record DeleteProduct(AccountId account, ProductKey productKey) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /**
   * Take over a product with the key and secret it already has. The secret is not here: the gateway gives it to
   * job-service first, under the id of this command.
   */
  @WireType("dev.otaverify.command.import-product.v1")
  record ImportProduct(AccountId account, ProductKey productKey, String name, int nodeType, int dataFormat,
      @Nullable String description) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /** Take over a device with the name and secret it already has; the secret comes as with {@link ImportProduct}. */
  @WireType("dev.otaverify.command.import-device.v1")
  record ImportDevice(AccountId account, ProductKey productKey, DeviceName deviceName, IotId iotId,
      @Nullable String nickname) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /**
   * Delete a device that has no open task.
   *
   * @param iotId the registration that is meant; null for whichever has the name
   */
  @WireType("dev.otaverify.command.delete-device.v1")
  record DeleteDevice(AccountId account, ProductKey productKey, DeviceName deviceName,
      @Nullable IotId iotId) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /**
   * Let a device log in, or not.
   *
   * @param iotId the registration that is meant; null for whichever has the name
   */
  @WireType("dev.otaverify.command.set-device-enabled.v1")
  record SetDeviceEnabled(AccountId account, ProductKey productKey, DeviceName deviceName, @Nullable IotId iotId,
      boolean enabled) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /** Add a module to a product, besides {@link ModuleName#DEFAULT}, which every product has. */
  @WireType("dev.otaverify.command.create-module.v1")
  record CreateModule(AccountId account, ProductKey productKey, ModuleName moduleName, @Nullable String aliasName,
      @Nullable String description) implements ClientCommand {

    /** The most modules that a product may have besides the default one. */
    public static final int MAX_MODULES = 10;

    @Override
    public String key() {
      return productKey.value();
    }
  }

  /** Change what people read about a module; null leaves it as it is. */
  @WireType("dev.otaverify.command.update-module.v1")
  record UpdateModule(AccountId account, ProductKey productKey, ModuleName moduleName, @Nullable String aliasName,
      @Nullable String description) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /** Delete a module that no firmware is for. */
  @WireType("dev.otaverify.command.delete-module.v1")
  record DeleteModule(AccountId account, ProductKey productKey, ModuleName moduleName) implements ClientCommand {
    @Override
    public String key() {
      return productKey.value();
    }
  }

  /** Delete a firmware that is not being verified. Its jobs go with it. */
  @WireType("dev.otaverify.command.delete-firmware.v1")
  record DeleteFirmware(AccountId account, FirmwareId firmwareId) implements ClientCommand {
    @Override
    public String key() {
      return firmwareId.value();
    }
  }

  /**
   * Let tasks go on that wait for confirmation.
   *
   * @param tasks at least one, all of the running job of this firmware
   */
  @WireType("dev.otaverify.command.confirm-tasks.v1")
  record ConfirmTasks(AccountId account, FirmwareId firmwareId, List<TaskId> tasks) implements ClientCommand {
    /** @throws IllegalArgumentException if there are none, or one is of another firmware */
    public ConfirmTasks {
      tasks = ofOneFirmware(firmwareId, tasks);
    }

    @Override
    public String key() {
      return firmwareId.value();
    }
  }

  /**
   * Cancel tasks. One that has ended stays as it ended.
   *
   * @param tasks at least one, all of jobs of this firmware
   */
  @WireType("dev.otaverify.command.cancel-tasks.v1")
  record CancelTasks(AccountId account, FirmwareId firmwareId, List<TaskId> tasks) implements ClientCommand {
    /** @throws IllegalArgumentException if there are none, or one is of another firmware */
    public CancelTasks {
      tasks = ofOneFirmware(firmwareId, tasks);
    }

    @Override
    public String key() {
      return firmwareId.value();
    }
  }

  /** From status-aggregator: the job has ended, so the firmware is no longer being verified. */
  @WireType("dev.otaverify.command.conclude-verification.v1")
  record ConcludeVerification(FirmwareId firmwareId, JobId jobId, Verdict verdict, Instant at) implements Command {
    @Override
    public String key() {
      return firmwareId.value();
    }
  }

  private static List<TaskId> ofOneFirmware(FirmwareId firmwareId, List<TaskId> tasks) {
    Checks.that(!tasks.isEmpty(), "tasks", tasks.size(), "1 or more");
    Checks.that(tasks.stream().allMatch(task -> task.firmwareId().equals(firmwareId)), "tasks", tasks,
        "all of firmware " + firmwareId);
    return List.copyOf(tasks);
  }
}
