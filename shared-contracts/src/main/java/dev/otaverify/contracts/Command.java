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

  /** From status-aggregator: the job has ended, so the firmware is no longer being verified. */
  @WireType("dev.otaverify.command.conclude-verification.v1")
  record ConcludeVerification(FirmwareId firmwareId, JobId jobId, Verdict verdict, Instant at) implements Command {
    @Override
    public String key() {
      return firmwareId.value();
    }
  }
}
