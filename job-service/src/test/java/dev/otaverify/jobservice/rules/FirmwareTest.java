// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.TaskCanceled;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated.Target;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareFile.SignMethod;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.jobservice.rules.Firmware.Deleted;
import dev.otaverify.jobservice.rules.Firmware.Known;
import dev.otaverify.jobservice.rules.Firmware.NotNeeded;
import dev.otaverify.jobservice.rules.Firmware.Unknown;
import dev.otaverify.jobservice.rules.Firmware.Unverified;
import dev.otaverify.jobservice.rules.Firmware.VerificationFailed;
import dev.otaverify.jobservice.rules.Firmware.Verified;
import dev.otaverify.jobservice.rules.Firmware.Verifying;
import dev.otaverify.contracts.Command.CancelTasks;
import dev.otaverify.contracts.Command.ConfirmTasks;
import dev.otaverify.contracts.Command.DeleteFirmware;
import dev.otaverify.contracts.FirmwareEvent.FirmwareDeleted;
import dev.otaverify.contracts.FirmwareEvent.TaskConfirmed;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FirmwareTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:38:59.123456Z");
  private static final AccountId MINE = new AccountId("mine");
  private static final AccountId OTHERS = new AccountId("others");
  private static final ProductKey PRODUCT_KEY = ProductKey.of(command("product"));
  private static final ProductKey OTHER_KEY = ProductKey.of(command("other product"));
  private static final Product PRODUCT = new Product.Known(PRODUCT_KEY, MINE, "thermostat", null);
  private static final Product OTHER_PRODUCT = new Product.Known(OTHER_KEY, MINE, "lamp", null);
  private static final FirmwareId ID = FirmwareId.of(command("firmware"));
  private static final JobId JOB = JobId.of(ID, command("job"));
  private static final JobId NEXT_JOB = JobId.of(ID, command("next job"));
  private static final DeviceName ONE = new DeviceName("device-1");
  private static final DeviceName TWO = new DeviceName("device-2");
  private static final IotId IOT_ONE = IotId.of(PRODUCT_KEY, command("device 1"));
  private static final IotId IOT_TWO = IotId.of(PRODUCT_KEY, command("device 2"));
  private static final Map<DeviceName, IotId> DEVICES = Map.of(ONE, IOT_ONE, TWO, IOT_TWO);
  private static final FirmwareSpec SPEC = spec(true);
  private static final Duration TIMEOUT = Duration.ofMinutes(30);
  private static final List<Tag> TAGS = List.of(new Tag("site", "north"));

  private static final Firmware UNKNOWN = new Unknown(ID);
  private static final Known UNVERIFIED = new Unverified(ID, MINE, SPEC);
  private static final Known NOT_NEEDED = new NotNeeded(ID, MINE, spec(false));
  private static final Known VERIFYING = new Verifying(ID, MINE, SPEC, running(JOB));
  private static final Known VERIFIED = new Verified(ID, MINE, SPEC);
  private static final Known FAILED = new VerificationFailed(ID, MINE, SPEC);

  static Stream<Known> knownStates() {
    return Stream.of(UNVERIFIED, NOT_NEEDED, VERIFYING, VERIFIED, FAILED);
  }

  static Stream<Known> verifiableStates() {
    return Stream.of(UNVERIFIED, FAILED);
  }

  @Test
  void aFirmwareIsCreatedAndAwaitsItsVerification() {
    var decision = Firmware.decide(UNKNOWN, create(SPEC), PRODUCT, true, false, NOW);

    var created = new FirmwareCreated(ID, MINE, SPEC, NOW);
    assertThat(decision).isEqualTo(Decision.accept(created));
    assertThat(Firmware.evolve(UNKNOWN, created)).isEqualTo(UNVERIFIED);
  }

  @Test
  void aFirmwareThatNeedsNoVerificationIsCreatedAsSuch() {
    var decision = Firmware.decide(UNKNOWN, create(spec(false)), PRODUCT, true, false, NOW);

    var created = new FirmwareCreated(ID, MINE, spec(false), NOW);
    assertThat(decision).isEqualTo(Decision.accept(created));
    assertThat(Firmware.evolve(UNKNOWN, created)).isEqualTo(NOT_NEEDED);
  }

  @Test
  void aFirmwareIsNotCreatedForAProductThatIsUnknownOrAnotherAccounts() {
    for (Product product : List.of(new Product.Unknown(PRODUCT_KEY),
        new Product.Known(PRODUCT_KEY, OTHERS, "thermostat", null))) {
      assertThat(Firmware.decide(UNKNOWN, create(SPEC), product, true, false, NOW)).isEqualTo(refused(
          ErrorCode.PRODUCT_NOT_FOUND, "ProductKey: " + PRODUCT_KEY + " (expected: a product of this account)"));
    }
  }

  @Test
  void aFirmwareIsNotCreatedUnderATakenName() {
    assertThat(Firmware.decide(UNKNOWN, create(SPEC), PRODUCT, true, true, NOW)).isEqualTo(refused(
        ErrorCode.FIRMWARE_NAME_TAKEN, "FirmwareName: blue (expected: a name that no firmware of this account has)"));
  }

  @ParameterizedTest
  @MethodSource("knownStates")
  void aFirmwareIsNotCreatedTwice(Known before) {
    assertThat(Firmware.decide(before, create(SPEC), PRODUCT, true, false, NOW)).isEqualTo(refused(ErrorCode.NONCE_USED,
        "FirmwareId: " + ID + " (expected: a new id; it is made of the access key and SignatureNonce,"
            + " so that nonce was used before)"));
  }

  @Test
  void aFirmwareIsNotCreatedForAModuleThatTheProductHasNot() {
    assertThat(Firmware.decide(UNKNOWN, create(SPEC), PRODUCT, false, false, NOW)).isEqualTo(refused(
        ErrorCode.MODULE_NOT_FOUND, "ModuleName: default (expected: a module of product " + PRODUCT_KEY + ")"));
  }

  @ParameterizedTest
  @MethodSource("knownStates")
  void aFirmwareIsDeletedUnlessItIsBeingVerifiedAndIsGoneForGood(Known before) {
    var decision = Firmware.decide(before, new DeleteFirmware(MINE, ID), NOW);

    assertThat(Firmware.decide(before, new DeleteFirmware(OTHERS, ID), NOW)).isEqualTo(notFound());
    if (before instanceof Verifying) {
      assertThat(decision).isEqualTo(refused(ErrorCode.FIRMWARE_IS_VERIFYING, "FirmwareId: " + ID
          + " (expected: a firmware that is not being verified; job " + JOB + " is verifying this one)"));
      return;
    }
    var deleted = new FirmwareDeleted(ID, NOW);
    assertThat(decision).isEqualTo(Decision.accept(deleted));
    var after = Firmware.evolve(before, deleted);
    assertThat(Firmware.decide(after, new DeleteFirmware(MINE, ID), NOW)).isEqualTo(notFound());
    assertThat(Firmware.decide(after, verify(NEXT_JOB), PRODUCT, DEVICES, NOW)).isEqualTo(notFound());
    assertThat(Firmware.conclude(after, new ConcludeVerification(ID, JOB, Verdict.VERIFIED, NOW))).isEqualTo(after);
    assertThat(Firmware.decide(after, create(SPEC), PRODUCT, true, false, NOW))
        .isInstanceOfSatisfying(Decision.Refused.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.NONCE_USED));
  }

  @Test
  void aTaskIsConfirmedOnceAndNotAfterItWasCancelled() {
    var waiting = new Verifying(ID, MINE, SPEC, running(JOB, true));
    var one = TaskId.of(JOB, 0);
    var two = TaskId.of(JOB, 1);
    var device = new DeviceId(PRODUCT_KEY, ONE);

    var confirmed = new TaskConfirmed(one, device, NOW);
    assertThat(Firmware.decide(waiting, new ConfirmTasks(MINE, ID, List.of(one, one)), NOW))
        .isEqualTo(Decision.accept(confirmed));
    var after = Firmware.evolve(waiting, confirmed);
    assertThat(Firmware.decide(after, new ConfirmTasks(MINE, ID, List.of(one)), NOW)).isEqualTo(Decision.nothing());
    var canceled = new TaskCanceled(two, new DeviceId(PRODUCT_KEY, TWO), "canceled on request", NOW);
    assertThat(Firmware.decide(after, new CancelTasks(MINE, ID, List.of(two)), NOW))
        .isEqualTo(Decision.accept(canceled));
    after = Firmware.evolve(after, canceled);
    assertThat(Firmware.decide(after, new ConfirmTasks(MINE, ID, List.of(two)), NOW)).isEqualTo(Decision.nothing());
    assertThat(Firmware.decide(after, new CancelTasks(MINE, ID, List.of(two)), NOW)).isEqualTo(Decision.nothing());
  }

  @ParameterizedTest
  @MethodSource("knownStates")
  void tasksAreThoseOfTheRunningJobOfTheAccount(Known before) {
    for (var tasks : List.of(List.of(TaskId.of(NEXT_JOB, 0)), List.of(TaskId.of(JOB, 0), TaskId.of(JOB, 9)))) {
      var refusal = refused(ErrorCode.TASK_NOT_FOUND,
          "TaskId: " + tasks + " (expected: tasks of a running job of this account)");
      assertThat(Firmware.decide(before, new ConfirmTasks(MINE, ID, tasks), NOW)).isEqualTo(refusal);
      assertThat(Firmware.decide(before, new CancelTasks(MINE, ID, tasks), NOW)).isEqualTo(refusal);
    }
    var one = List.of(TaskId.of(JOB, 0));
    assertThat(Firmware.decide(before, new CancelTasks(OTHERS, ID, one), NOW)).isEqualTo(
        refused(ErrorCode.TASK_NOT_FOUND, "TaskId: " + one + " (expected: tasks of a running job of this account)"));
    if (before instanceof Verifying) {
      assertThat(Firmware.decide(before, new ConfirmTasks(MINE, ID, one), NOW)).isEqualTo(refused(
          ErrorCode.TASK_NEEDS_NO_CONFIRMATION,
          "TaskId: " + one + " (expected: tasks of a job with NeedConfirm true)"));
    }
  }

  @ParameterizedTest
  @MethodSource("verifiableStates")
  void aVerificationBeginsForAFirmwareThatIsUnverifiedOrFailed(Known before) {
    var decision = Firmware.decide(before, verify(NEXT_JOB), PRODUCT, DEVICES, NOW);

    assertThat(decision).isEqualTo(Decision.accept(jobCreated(NEXT_JOB)));
    assertThat(Firmware.evolve(before, jobCreated(NEXT_JOB)))
        .isEqualTo(new Verifying(ID, MINE, SPEC, running(NEXT_JOB)));
  }

  @Test
  void theTasksOfAJobAreNumberedInTheOrderOfItsTargets() {
    var names = IntStream.range(0, CreateVerifyJob.MAX_TARGETS).mapToObj(i -> new DeviceName("device-" + (9 - i)))
        .toList();
    var devices = new HashMap<DeviceName, IotId>();
    names.forEach(name -> devices.put(name, IotId.of(PRODUCT_KEY, command(name.value()))));

    var decision = Firmware.decide(UNVERIFIED, verify(JOB, names), PRODUCT, devices, NOW);

    assertThat(((VerifyJobCreated) event(decision)).targets()).isEqualTo(IntStream.range(0, 10)
        .mapToObj(i -> new Target(TaskId.of(JOB, i), names.get(i), IotId.of(PRODUCT_KEY, command("device-" + (9 - i)))))
        .toList());
  }

  @Test
  void eachDeviceOfAJobIsAssignedItsTask() {
    assertThat(Firmware.assignments(jobCreated(JOB), SPEC)).containsExactly(
        new AssignTask(new DeviceId(PRODUCT_KEY, TWO), TaskId.of(JOB, 0), SPEC, TIMEOUT, true, false, TAGS, NOW),
        new AssignTask(new DeviceId(PRODUCT_KEY, ONE), TaskId.of(JOB, 1), SPEC, TIMEOUT, true, false, TAGS, NOW));
  }

  record Refusal(Firmware before, ErrorCode code, String message) {}

  static Stream<Refusal> refusals() {
    return Stream.of(
        new Refusal(UNKNOWN, ErrorCode.FIRMWARE_NOT_FOUND,
            "FirmwareId: " + ID + " (expected: a firmware of this account)"),
        new Refusal(NOT_NEEDED, ErrorCode.FIRMWARE_NEEDS_NO_VERIFICATION,
            "FirmwareId: " + ID + " (expected: a firmware created with NeedToVerify true)"),
        new Refusal(VERIFYING, ErrorCode.FIRMWARE_IS_VERIFYING, "FirmwareId: " + ID
            + " (expected: a firmware that is not being verified; job " + JOB + " is verifying this one)"),
        new Refusal(VERIFIED, ErrorCode.FIRMWARE_ALREADY_VERIFIED,
            "FirmwareId: " + ID + " (expected: a firmware that is not verified yet)"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void noVerificationBeginsInAnyOtherState(Refusal refusal) {
    assertThat(Firmware.decide(refusal.before(), verify(NEXT_JOB), PRODUCT, DEVICES, NOW))
        .isEqualTo(refused(refusal.code(), refusal.message()));
  }

  @Test
  void everyStateEitherBeginsAVerificationOrHasItsOwnRefusal() {
    var states = new LinkedHashSet<Class<?>>();
    Stream.concat(verifiableStates(), refusals().map(Refusal::before)).forEach(state -> states.add(state.getClass()));

    // Deleted is no Known: it is not found, like what never was.
    states.add(Deleted.class);
    assertThat(states).isEqualTo(leaves(Firmware.class));
    assertThat(refusals().map(Refusal::code).distinct()).hasSize(4);
  }

  @ParameterizedTest
  @MethodSource("knownStates")
  void anotherAccountsFirmwareIsNotFoundWhateverItsState(Known mine) {
    var theirs = new CreateVerifyJob(OTHERS, ID, NEXT_JOB, PRODUCT_KEY, List.of(ONE), TIMEOUT, true, false, List.of());

    assertThat(Firmware.decide(mine, theirs, new Product.Known(PRODUCT_KEY, OTHERS, "x", null), DEVICES, NOW))
        .isEqualTo(
            refused(ErrorCode.FIRMWARE_NOT_FOUND, "FirmwareId: " + ID + " (expected: a firmware of this account)"));
  }

  @ParameterizedTest
  @MethodSource("knownStates")
  void aProductThatIsUnknownOrAnotherAccountsIsNamed(Known before) {
    for (Product product : List.of(new Product.Unknown(PRODUCT_KEY),
        new Product.Known(PRODUCT_KEY, OTHERS, "x", null))) {
      assertThat(Firmware.decide(before, verify(NEXT_JOB), product, DEVICES, NOW)).isEqualTo(refused(
          ErrorCode.PRODUCT_NOT_FOUND, "ProductKey: " + PRODUCT_KEY + " (expected: a product of this account)"));
    }
  }

  @ParameterizedTest
  @MethodSource("knownStates")
  void aFirmwareOfAnotherProductIsAMismatchThatNamesBoth(Known before) {
    assertThat(Firmware.decide(before, verify(NEXT_JOB), OTHER_PRODUCT, DEVICES, NOW))
        .isEqualTo(refused(ErrorCode.FIRMWARE_PRODUCT_MISMATCH, "ProductKey: " + OTHER_KEY + " (expected: "
            + PRODUCT_KEY + ", the product of firmware " + ID + ")"));
  }

  @ParameterizedTest
  @MethodSource("verifiableStates")
  void devicesThatAreNotRegisteredAreNamed(Known before) {
    var three = new DeviceName("device-3");
    var four = new DeviceName("device-4");

    assertThat(Firmware.decide(before, verify(NEXT_JOB, List.of(four, ONE, three)), PRODUCT, DEVICES, NOW))
        .isEqualTo(refused(ErrorCode.DEVICE_NOT_FOUND,
            "TargetDeviceName: [device-4, device-3] (expected: devices of product " + PRODUCT_KEY + ")"));
  }

  @Test
  void theVerdictOfTheRunningJobEndsTheVerification() {
    assertThat(Firmware.conclude(VERIFYING, conclude(JOB, Verdict.VERIFIED))).isEqualTo(VERIFIED);
    assertThat(Firmware.conclude(VERIFYING, conclude(JOB, Verdict.FAILED))).isEqualTo(FAILED);
  }

  @Test
  void theVerdictOfAnotherJobChangesNothing() {
    for (var verdict : Verdict.values()) {
      assertThat(Firmware.conclude(VERIFYING, conclude(NEXT_JOB, verdict))).isEqualTo(VERIFYING);
    }
  }

  @Test
  void aVerdictThatIsLateOrRepeatedChangesNothing() {
    for (var before : List.of(UNKNOWN, UNVERIFIED, NOT_NEEDED, VERIFIED, FAILED)) {
      for (var verdict : Verdict.values()) {
        assertThat(Firmware.conclude(before, conclude(JOB, verdict))).isEqualTo(before);
      }
    }
  }

  @Test
  void aFailedFirmwareIsVerifiedAgainAndOnlyTheNewJobsVerdictCounts() {
    var again = Firmware.evolve(Firmware.conclude(VERIFYING, conclude(JOB, Verdict.FAILED)), jobCreated(NEXT_JOB));

    assertThat(Firmware.conclude(again, conclude(JOB, Verdict.VERIFIED))).isEqualTo(again);
    assertThat(Firmware.conclude(again, conclude(NEXT_JOB, Verdict.VERIFIED))).isEqualTo(VERIFIED);
  }

  @Test
  void anEventThatCannotFollowIsABrokenPromise() {
    var created = new FirmwareCreated(ID, MINE, SPEC, NOW);
    var canceled = new TaskCanceled(TaskId.of(JOB, 0), new DeviceId(PRODUCT_KEY, ONE), "", NOW);
    var impossible = new HashMap<Firmware, List<FirmwareEvent>>();
    impossible.put(UNKNOWN, List.of(jobCreated(JOB), canceled));
    impossible.put(UNVERIFIED, List.of(created));
    impossible.put(FAILED, List.of(created));
    for (var closed : List.of(NOT_NEEDED, VERIFYING, VERIFIED)) {
      impossible.put(closed, List.of(created, jobCreated(NEXT_JOB), new FirmwareVerified(ID, JOB, NOW)));
    }

    impossible.forEach((before, events) -> events.forEach(event -> assertThatThrownBy(
        () -> Firmware.evolve(before, event)).as("%s after %s", event, before)
        .isInstanceOf(IllegalStateException.class).hasMessage("event: " + event.getClass().getSimpleName()
            + " (expected: one of job-service that can follow " + before.getClass().getSimpleName() + ")")));
  }

  @Test
  void fromUnknownEveryStateIsReachedAndNoVerifiedOneIsLeft() {
    var reached = new LinkedHashSet<Firmware>();
    explore(UNKNOWN, reached);

    assertThat(reached).containsExactlyInAnyOrder(UNKNOWN, UNVERIFIED, NOT_NEEDED, VERIFYING,
        new Verifying(ID, MINE, SPEC, running(NEXT_JOB)), VERIFIED, FAILED);
  }

  private static void explore(Firmware state, Set<Firmware> reached) {
    if (!reached.add(state)) {
      return;
    }
    for (var spec : List.of(SPEC, spec(false))) {
      for (var product : List.of(PRODUCT, OTHER_PRODUCT)) {
        follow(state, Firmware.decide(state, create(spec), product, true, false, NOW), reached);
      }
    }
    for (var job : List.of(JOB, NEXT_JOB)) {
      for (var devices : List.of(DEVICES, Map.<DeviceName, IotId>of())) {
        follow(state, Firmware.decide(state, verify(job), PRODUCT, devices, NOW), reached);
      }
      for (var verdict : Verdict.values()) {
        var after = Firmware.conclude(state, conclude(job, verdict));
        if (state instanceof Verified || state instanceof NotNeeded) {
          assertThat(after).isEqualTo(state);
        }
        explore(after, reached);
      }
    }
  }

  private static void follow(Firmware state, Decision<FirmwareEvent> decision, Set<Firmware> reached) {
    switch (decision) {
      case Decision.Refused<FirmwareEvent> refused -> assertThat(refused.message()).contains(" (expected: ");
      case Decision.Accepted<FirmwareEvent> accepted -> {
        assertThat(state).isNotInstanceOfAny(Verified.class, NotNeeded.class, Verifying.class);
        var after = state;
        for (var event : accepted.events()) {
          after = Firmware.evolve(after, event);
        }
        explore(after, reached);
      }
    }
  }

  private static Set<Class<?>> leaves(Class<?> type) {
    var leaves = new LinkedHashSet<Class<?>>();
    for (var permitted : type.getPermittedSubclasses()) {
      if (permitted.isSealed()) {
        leaves.addAll(leaves(permitted));
      } else {
        leaves.add(permitted);
      }
    }
    return leaves;
  }

  private static FirmwareEvent event(Decision<FirmwareEvent> decision) {
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    return ((Decision.Accepted<FirmwareEvent>) decision).events().getFirst();
  }

  private static Decision<FirmwareEvent> refused(ErrorCode code, String message) {
    return new Decision.Refused<>(code, message);
  }

  private static CreateFirmware create(FirmwareSpec spec) {
    return new CreateFirmware(MINE, ID, spec);
  }

  private static CreateVerifyJob verify(JobId job) {
    return verify(job, List.of(TWO, ONE));
  }

  private static CreateVerifyJob verify(JobId job, List<DeviceName> targets) {
    return new CreateVerifyJob(MINE, ID, job, PRODUCT_KEY, targets, TIMEOUT, true, false, TAGS);
  }

  private static VerifyJobCreated jobCreated(JobId job) {
    return new VerifyJobCreated(ID, job, MINE, PRODUCT_KEY, "2.0.0",
        List.of(new Target(TaskId.of(job, 0), TWO, IOT_TWO), new Target(TaskId.of(job, 1), ONE, IOT_ONE)), TIMEOUT,
        true, false, TAGS, NOW);
  }

  private static ConcludeVerification conclude(JobId job, Verdict verdict) {
    return new ConcludeVerification(ID, job, verdict, NOW);
  }

  private static FirmwareSpec spec(boolean needToVerify) {
    var file = new FirmwareFile("file", "https://files/blue.bin", 1024, "0".repeat(32), "0".repeat(64), SignMethod.MD5);
    return new FirmwareSpec(PRODUCT_KEY, ModuleName.DEFAULT, "blue", "2.0.0", null, FirmwareSpec.Type.FULL, file,
        needToVerify, null, null);
  }

  private static CommandId command(String nonce) {
    return CommandId.of("test", nonce);
  }

  private static Decision<FirmwareEvent> notFound() {
    return refused(ErrorCode.FIRMWARE_NOT_FOUND, "FirmwareId: " + ID + " (expected: a firmware of this account)");
  }

  private static RunningJob running(JobId job) {
    return RunningJob.of(jobCreated(job));
  }

  private static RunningJob running(JobId job, boolean needConfirm) {
    return new RunningJob(job, PRODUCT_KEY, needConfirm, List.of(new Target(TaskId.of(job, 0), ONE, IOT_ONE),
        new Target(TaskId.of(job, 1), TWO, IOT_TWO)), Set.of(), Set.of());
  }
}
