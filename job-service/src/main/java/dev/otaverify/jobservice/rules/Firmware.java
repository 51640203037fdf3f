// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.TaskCanceled;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated.Target;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Command.CancelTasks;
import dev.otaverify.contracts.Command.ConfirmTasks;
import dev.otaverify.contracts.Command.DeleteFirmware;
import dev.otaverify.contracts.FirmwareEvent.FirmwareDeleted;
import dev.otaverify.contracts.FirmwareEvent.TaskConfirmed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A firmware and whether it may be verified. At most one verification of it runs at a time.
 *
 * <pre>
 *                         needToVerify = false
 * Unknown --CreateFirmware---------------------&gt; NotNeeded
 *    |
 *    | CreateFirmware                        Conclude: VERIFIED
 *    v                                     +---------------------&gt; Verified
 * Unverified --CreateVerifyJob--&gt; Verifying --ConfirmTasks, CancelTasks--&gt; Verifying
 *                                     ^    |  Conclude: FAILED
 *                                     |    +---------------------&gt; VerificationFailed
 *                                     |                                   |
 *                                     +----------CreateVerifyJob----------+
 *
 * Unverified, NotNeeded, Verified, VerificationFailed --DeleteFirmware--&gt; Deleted
 * </pre>
 *
 * <p>The verdict is status-aggregator's, and so are its events: here it arrives as {@link ConcludeVerification}, moves
 * the state and leaves no event. That a task was confirmed or cancelled is remembered until the verdict.
 */
public sealed interface Firmware {

  /** Its id. */
  FirmwareId id();

  /** There is no firmware of this id. */
  record Unknown(FirmwareId id) implements Firmware {}

  /** It exists. */
  sealed interface Known extends Firmware {
    /** Whose it is. */
    AccountId account();

    /** What it is. */
    FirmwareSpec spec();
  }

  /** It may be verified. */
  record Unverified(FirmwareId id, AccountId account, FirmwareSpec spec) implements Known {}

  /** It was created as one that is used without verification. */
  record NotNeeded(FirmwareId id, AccountId account, FirmwareSpec spec) implements Known {}

  /** This job is verifying it. */
  record Verifying(FirmwareId id, AccountId account, FirmwareSpec spec, RunningJob job) implements Known {}

  /** It was deleted; its id never comes back. */
  record Deleted(FirmwareId id, AccountId account, FirmwareSpec spec) implements Firmware {}

  /** Every device of its last job runs it. Final. */
  record Verified(FirmwareId id, AccountId account, FirmwareSpec spec) implements Known {}

  /** Not every device of its last job runs it. It may be verified again. */
  record VerificationFailed(FirmwareId id, AccountId account, FirmwareSpec spec) implements Known {}

  /**
   * Decides on a creation.
   *
   * @param product that the command names
   * @param hasModule whether the product has the module that the firmware is for
   * @param nameTaken whether another firmware of the account has the name
   */
  static Decision<FirmwareEvent> decide(Firmware before, CreateFirmware command, Product product, boolean hasModule,
      boolean nameTaken, Instant now) {
    return switch (before) {
      case Deleted deleted -> nonceUsed(deleted);
      case Known known -> nonceUsed(known);
      case Unknown unknown when !product.isOf(command.account()) -> Product.notFound(product.key());
      case Unknown unknown when !hasModule -> Module.notFound(command.spec().moduleName(), product.key());
      case Unknown unknown when nameTaken -> Decision.refuse(ErrorCode.FIRMWARE_NAME_TAKEN, "FirmwareName",
          command.spec().name(), "a name that no firmware of this account has");
      case Unknown unknown -> Decision.accept(
          new FirmwareCreated(unknown.id(), command.account(), command.spec(), now));
    };
  }

  /**
   * Decides on a verification.
   *
   * @param product that the command names
   * @param devices those of the command's targets that are registered in that product
   */
  static Decision<FirmwareEvent> decide(Firmware before, CreateVerifyJob command, Product product,
      Map<DeviceName, IotId> devices, Instant now) {
    if (!(before instanceof Known known) || !known.account().equals(command.account())) {
      return notFound(before);
    }
    if (!product.isOf(command.account())) {
      return Product.notFound(product.key());
    }
    if (!product.key().equals(known.spec().productKey())) {
      return Decision.refuse(ErrorCode.FIRMWARE_PRODUCT_MISMATCH, "ProductKey", product.key(),
          known.spec().productKey() + ", the product of firmware " + known.id());
    }
    return switch (known) {
      case NotNeeded notNeeded -> Decision.refuse(ErrorCode.FIRMWARE_NEEDS_NO_VERIFICATION, "FirmwareId",
          notNeeded.id(), "a firmware created with NeedToVerify true");
      case Verifying verifying -> Decision.refuse(ErrorCode.FIRMWARE_IS_VERIFYING, "FirmwareId", verifying.id(),
          "a firmware that is not being verified; job " + verifying.job().jobId() + " is verifying this one");
      case Verified verified -> Decision.refuse(ErrorCode.FIRMWARE_ALREADY_VERIFIED, "FirmwareId", verified.id(),
          "a firmware that is not verified yet");
      case Unverified unverified -> verify(unverified, command, devices, now);
      case VerificationFailed failed -> verify(failed, command, devices, now);
    };
  }

  private static Decision<FirmwareEvent> verify(Known firmware, CreateVerifyJob command,
      Map<DeviceName, IotId> devices, Instant now) {
    var targets = new ArrayList<Target>();
    var missing = new ArrayList<DeviceName>();
    for (var name : command.targets()) {
      @Nullable
      IotId iotId = devices.get(name);
      if (iotId == null) {
        missing.add(name);
      } else {
        targets.add(new Target(TaskId.of(command.jobId(), targets.size()), name, iotId));
      }
    }
    if (!missing.isEmpty()) {
      return Decision.refuse(ErrorCode.DEVICE_NOT_FOUND, "TargetDeviceName", missing,
          "devices of product " + command.productKey());
    }
    return Decision.accept(new VerifyJobCreated(firmware.id(), command.jobId(), firmware.account(),
        command.productKey(), firmware.spec().destVersion(), targets, command.timeout(), command.needPush(),
        command.needConfirm(), command.tags(), now));
  }

  /** Decides on a deletion. */
  static Decision<FirmwareEvent> decide(Firmware before, DeleteFirmware command, Instant now) {
    if (!(before instanceof Known known) || !known.account().equals(command.account())) {
      return notFound(before);
    }
    return known instanceof Verifying verifying
        ? Decision.refuse(ErrorCode.FIRMWARE_IS_VERIFYING, "FirmwareId", verifying.id(),
            "a firmware that is not being verified; job " + verifying.job().jobId() + " is verifying this one")
        : Decision.accept(new FirmwareDeleted(known.id(), now));
  }

  /** Decides on a confirmation: all of the tasks or none. A cancelled one is left alone. */
  static Decision<FirmwareEvent> decide(Firmware before, ConfirmTasks command, Instant now) {
    if (!(before instanceof Verifying verifying) || !verifying.account().equals(command.account())) {
      return noSuchTask(command.tasks());
    }
    var job = verifying.job();
    if (!job.tasks().containsAll(command.tasks())) {
      return noSuchTask(command.tasks());
    }
    if (!job.needConfirm()) {
      return Decision.refuse(ErrorCode.TASK_NEEDS_NO_CONFIRMATION, "TaskId", command.tasks(),
          "tasks of a job with NeedConfirm true");
    }
    return new Decision.Accepted<>(command.tasks().stream().distinct()
        .filter(task -> !job.confirmed().contains(task) && !job.canceled().contains(task))
        .<FirmwareEvent>map(task -> new TaskConfirmed(task, job.device(task), now)).toList());
  }

  /** Decides on a cancellation: all of the tasks or none. */
  static Decision<FirmwareEvent> decide(Firmware before, CancelTasks command, Instant now) {
    if (!(before instanceof Verifying verifying) || !verifying.account().equals(command.account())) {
      return noSuchTask(command.tasks());
    }
    var job = verifying.job();
    if (!job.tasks().containsAll(command.tasks())) {
      return noSuchTask(command.tasks());
    }
    return new Decision.Accepted<>(command.tasks().stream().distinct().filter(task -> !job.canceled().contains(task))
        .<FirmwareEvent>map(task -> new TaskCanceled(task, job.device(task), "canceled on request", now)).toList());
  }

  private static Decision<FirmwareEvent> noSuchTask(List<TaskId> tasks) {
    return Decision.refuse(ErrorCode.TASK_NOT_FOUND, "TaskId", tasks, "tasks of a running job of this account");
  }

  private static Decision<FirmwareEvent> notFound(Firmware firmware) {
    return Decision.refuse(ErrorCode.FIRMWARE_NOT_FOUND, "FirmwareId", firmware.id(), "a firmware of this account");
  }

  private static Decision<FirmwareEvent> nonceUsed(Firmware firmware) {
    return Decision.refuse(ErrorCode.NONCE_USED, "FirmwareId", firmware.id(),
        "a new id; it is made of the access key and SignatureNonce, so that nonce was used before");
  }

  /**
   * The firmware after an event of job-service.
   *
   * @throws IllegalStateException if the event cannot have happened in this state, or is another service's
   */
  static Firmware evolve(Firmware before, FirmwareEvent event) {
    return switch (event) {
      case FirmwareCreated created when before instanceof Unknown -> created.spec().needToVerify()
          ? new Unverified(created.firmwareId(), created.account(), created.spec())
          : new NotNeeded(created.firmwareId(), created.account(), created.spec());
      case VerifyJobCreated created when before instanceof Unverified || before instanceof VerificationFailed ->
        verifying((Known) before, RunningJob.of(created));
      case TaskConfirmed confirmed when before instanceof Verifying verifying -> verifying(verifying,
          verifying.job().withConfirmed(confirmed.taskId()));
      case TaskCanceled canceled when before instanceof Verifying verifying -> verifying(verifying,
          verifying.job().withCanceled(canceled.taskId()));
      case FirmwareDeleted deleted when before instanceof Known known && !(known instanceof Verifying) ->
        new Deleted(known.id(), known.account(), known.spec());
      case FirmwareEvent other -> throw new IllegalStateException("event: " + other.getClass().getSimpleName()
          + " (expected: one of job-service that can follow " + before.getClass().getSimpleName() + ")");
    };
  }

  /**
   * The firmware after a verdict, which counts only for the job that is running: a repeated or late one changes nothing.
   */
  static Firmware conclude(Firmware before, ConcludeVerification command) {
    return switch (before) {
      case Verifying verifying when verifying.job().jobId().equals(command.jobId()) -> switch (command.verdict()) {
        case VERIFIED -> new Verified(verifying.id(), verifying.account(), verifying.spec());
        case FAILED -> new VerificationFailed(verifying.id(), verifying.account(), verifying.spec());
      };
      case Unknown ignored -> before;
      case Deleted ignored -> before;
      case Known ignored -> before;
    };
  }

  /** What the devices of a new job are told: one task each, in the order of the targets. */
  static List<AssignTask> assignments(VerifyJobCreated job, FirmwareSpec spec) {
    return job.targets().stream()
        .map(target -> new AssignTask(new DeviceId(job.productKey(), target.deviceName()), target.taskId(), spec,
            job.timeout(), job.needPush(), job.needConfirm(), job.tags(), job.at()))
        .toList();
  }

  private static Verifying verifying(Known firmware, RunningJob job) {
    return new Verifying(firmware.id(), firmware.account(), firmware.spec(), job);
  }
}
