// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import static dev.otaverify.dispatcher.device.Story.DEVICE;
import static dev.otaverify.dispatcher.device.Story.FILE;
import static dev.otaverify.dispatcher.device.Story.OTHER_TASK;
import static dev.otaverify.dispatcher.device.Story.PRODUCT;
import static dev.otaverify.dispatcher.device.Story.T0;
import static dev.otaverify.dispatcher.device.Story.TASK;
import static dev.otaverify.dispatcher.device.Story.TIMEOUT;
import static dev.otaverify.dispatcher.device.Story.assign;
import static dev.otaverify.dispatcher.device.Story.cancel;
import static dev.otaverify.dispatcher.device.Story.confirm;
import static dev.otaverify.dispatcher.device.Story.connected;
import static dev.otaverify.dispatcher.device.Story.deadline;
import static dev.otaverify.dispatcher.device.Story.delta;
import static dev.otaverify.dispatcher.device.Story.disconnected;
import static dev.otaverify.dispatcher.device.Story.fetch;
import static dev.otaverify.dispatcher.device.Story.full;
import static dev.otaverify.dispatcher.device.Story.online;
import static dev.otaverify.dispatcher.device.Story.progress;
import static dev.otaverify.dispatcher.device.Story.pushDue;
import static dev.otaverify.dispatcher.device.Story.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent.TaskConfirmed;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved.Observation;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed.Reason;
import dev.otaverify.contracts.FirmwareEvent.TaskNotified;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.RegistryEvent.DevicePresenceChanged;
import dev.otaverify.contracts.RegistryEvent.DeviceVersionChanged;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DeviceTest {
  private static final Instant START_DEADLINE = T0.plus(TIMEOUT);
  private static final Instant T1 = T0.plusMillis(10);
  private static final DeviceName NAME = DEVICE.deviceName();

  private static TaskNotified notified(int attempt, Instant at) {
    return new TaskNotified(TASK, DEVICE, attempt, "1.0.0", at);
  }

  private static TaskFailed failed(Reason reason, String description, Instant at) {
    return new TaskFailed(TASK, DEVICE, reason, description, at);
  }

  /** It was told at T0, and answers at T1. */
  private static Story notifiedDevice() {
    return online().when(assign()).at(T1).forget();
  }

  private static Story progressing() {
    return notifiedDevice().when(progress(10)).forget();
  }

  @Nested
  class Assigning {
    @Test
    void aDeviceThatIsOnlineAndKnownIsPushedAtOnce() {
      var story = online().when(assign());

      assertThat(story.events()).containsExactly(notified(1, T0));
      assertThat(story.outbound()).containsExactly(new Outbound.Push(assign(), 1));
      assertThat(story.task())
          .isEqualTo(new DeviceTask.Notified(assign(), 1, T0, T0.plus(Duration.ofMinutes(1))));
    }

    @Test
    void aRepeatedAssignmentChangesNothing() {
      var story = notifiedDevice().when(assign());

      assertThat(story.events()).isEmpty();
      assertThat(story.outbound()).isEmpty();
      assertThat(story.when(cancel(), assign()).task()).isInstanceOf(DeviceTask.Ended.class);
      assertThat(story.events()).isEmpty();
    }

    @Test
    void aDeviceWithAnOpenTaskOfAnotherJobIsBusy() {
      var second = assign(OTHER_TASK, full(), true, true);

      var story = notifiedDevice().when(second);

      assertThat(story.events()).containsExactly(new TaskFailed(OTHER_TASK, DEVICE, Reason.DEVICE_BUSY,
          "device busy: expected no open task for module default, got task %s of job %s (to version 2.0.0)"
              .formatted(TASK, TASK.jobId()),
          T1));
      assertThat(story.outbound()).isEmpty();
      assertThat(story.task()).isInstanceOf(DeviceTask.Notified.class);
    }

    @Test
    void anotherModuleOrAnEndedTaskIsNoHindrance() {
      var module = new ModuleName("mcu");
      var story = notifiedDevice().when(new DeviceInput.VersionReported(DEVICE, module, "7", T0))
          .when(assign(OTHER_TASK, Story.firmware(module, null), true, false));
      assertThat(story.events()).containsExactly(new TaskNotified(OTHER_TASK, DEVICE, 1, "7", T1));

      assertThat(notifiedDevice().when(cancel()).when(assign(OTHER_TASK, full(), true, false)).events())
          .containsExactly(new TaskNotified(OTHER_TASK, DEVICE, 1, "1.0.0", T1));
    }

    @Test
    void aTaskThatNeedsConfirmationIsPushedWhenItIsConfirmed() {
      var waiting = assign(TASK, full(), true, true);
      var story = online().when(waiting);
      assertThat(story.events()).isEmpty();
      assertThat(story.task()).isEqualTo(new DeviceTask.Confirming(waiting));

      story.when(version("1.0.0"), progress(10), confirm(), confirm());

      assertThat(story.events()).containsExactly(notified(1, T0));
      assertThat(story.outbound()).containsExactly(new Outbound.Push(waiting, 1));
    }

    @Test
    void whatADeletedDeviceSaidIsForgottenAndNewsAgain() {
      var story = online().when(new DeviceInput.ForgetDevice(DEVICE, T0));
      assertThat(story.device().versions()).isEmpty();
      assertThat(story.registry()).isEmpty();

      story.when(new DeviceInput.ForgetDevice(DEVICE, T0), version("1.0.0"), version("1.0.0"));

      assertThat(story.device().versions()).containsValue("1.0.0");
      assertThat(story.registry()).hasSize(1);
    }

    @Test
    void aTaskToBeFetchedIsNeverPushed() {
      var story = online().when(assign(TASK, full(), false, false)).when(version("1.0.0")).when(connected(2));

      assertThat(story.events()).isEmpty();
      assertThat(story.outbound()).isEmpty();
      assertThat(story.task()).isEqualTo(new DeviceTask.Queued(assign(TASK, full(), false, false), null));
    }
  }

  @Nested
  class Pushing {
    @Test
    void anOfflineDeviceIsPushedWhenItReportsItsVersion() {
      var story = online().when(disconnected(1), assign(), version("1.0.0")).forget();
      assertThat(story.task()).isEqualTo(new DeviceTask.Queued(assign(), null));

      story.when(connected(2), version("1.0.0"));

      assertThat(story.events()).containsExactly(notified(1, T0));
      assertThat(story.outbound()).containsExactly(new Outbound.Push(assign(), 1));
    }

    @Test
    void aDeviceThatConnectsWithoutReportingIsPushedAfterAGrace() {
      var story = online().when(disconnected(1), assign(), connected(2)).forget();
      var due = T0.plusSeconds(2);
      assertThat(story.task()).isEqualTo(new DeviceTask.Queued(assign(), due));

      story.at(due).when(pushDue(due));

      assertThat(story.events()).containsExactly(notified(1, due));
      assertThat(story.outbound()).hasSize(1);
    }

    @Test
    void aDeviceThatNeverReportedAVersionIsNotPushedBeforeItDoes() {
      var story = new Story().when(connected(1), assign());
      assertThat(story.events()).isEmpty();
      assertThat(story.task()).isEqualTo(new DeviceTask.Queued(assign(), null));

      assertThat(story.when(version("1.0.0")).events()).containsExactly(notified(1, T0));
    }

    @Test
    void aDeviceAlreadyOnTheTargetIsPushedAndProvesItAfterwards() {
      var story = online().when(disconnected(1), assign(), version("2.0.0")).forget();
      assertThat(story.task()).isInstanceOf(DeviceTask.Queued.class);

      story.when(connected(2), version("2.0.0"));
      assertThat(story.events()).containsExactly(new TaskNotified(TASK, DEVICE, 1, "2.0.0", T0));

      story.at(T1).when(version("2.0.0", T1));
      assertThat(story.events()).hasSize(2).last().isEqualTo(new TaskSucceeded(TASK, DEVICE, "2.0.0", T1));
    }

    @Test
    void anUnansweredPushIsRepeatedWithGrowingPausesAndABound() {
      var story = notifiedDevice();
      var second = T0.plus(Duration.ofMinutes(1));
      var third = second.plus(Duration.ofMinutes(5));

      story.at(second).when(pushDue(second), pushDue(second)).at(third).when(pushDue(third));

      assertThat(story.events()).containsExactly(notified(2, second), notified(3, third));
      assertThat(story.outbound()).containsExactly(new Outbound.Push(assign(), 2), new Outbound.Push(assign(), 3));
      assertThat(story.task()).isEqualTo(new DeviceTask.Notified(assign(), 3, third, null));
      story.forget().after(Duration.ofMinutes(1)).when(version("1.0.0"), connected(2));
      assertThat(story.outbound()).isEmpty();
      assertThat(story.task()).isEqualTo(new DeviceTask.Notified(assign(), 3, third, null));
    }

    @Test
    void aPushThatIsNotTheNextOneOrNotYetDueIsLeft() {
      var story = notifiedDevice();
      var due = T0.plus(Duration.ofMinutes(1));

      story.at(due.minusNanos(1000)).when(pushDue(due)).at(due).when(pushDue(due.minusSeconds(1)));

      assertThat(story.events()).isEmpty();
    }

    @Test
    void aPushThatIsDueWhileTheDeviceIsOfflineWaitsForIt() {
      var due = T0.plus(Duration.ofMinutes(1));
      var story = notifiedDevice().when(disconnected(1)).forget().at(due).when(pushDue(due));
      assertThat(story.events()).isEmpty();
      assertThat(story.task()).isEqualTo(new DeviceTask.Notified(assign(), 1, T0, null));

      story.when(connected(2), version("1.0.0"));

      assertThat(story.events()).containsExactly(notified(2, due));
    }

    @Test
    void aDeviceThatReportsTheSourceVersionAgainIsPushedAgain() {
      var later = T0.plusSeconds(10);
      var story = notifiedDevice().at(later).when(version("1.0.0"));

      assertThat(story.events()).containsExactly(notified(2, later));
      assertThat(story.outbound()).containsExactly(new Outbound.Push(assign(), 2));
    }

    @Test
    void butRightAfterAPushItIsGivenASecond() {
      var due = T0.plusSeconds(1);
      var story = notifiedDevice().when(version("1.0.0"), version("1.0.0"));
      assertThat(story.events()).isEmpty();
      assertThat(story.task()).isEqualTo(new DeviceTask.Notified(assign(), 1, T0, due));

      assertThat(story.at(due).when(pushDue(due)).events()).containsExactly(notified(2, due));
    }

    @Test
    void aVersionReportedBeforeAnyProgressIsTheOneToStartFrom() {
      var later = T0.plusSeconds(10);
      var story = notifiedDevice().at(later).when(version("1.5.0"));

      assertThat(story.events()).containsExactly(new TaskNotified(TASK, DEVICE, 2, "1.5.0", later));
      assertThat(story.registry())
          .containsExactly(new DeviceVersionChanged(PRODUCT, NAME, ModuleName.DEFAULT, "1.5.0", later));
    }

    @Test
    void nothingIsPushedOnceTheTimeToStartIsOver() {
      var story = online().when(disconnected(1), assign()).at(START_DEADLINE).when(connected(2), version("1.0.0"));

      assertThat(story.events()).isEmpty();
      assertThat(story.outbound()).isEmpty();
    }

    @Test
    void aDeltaForAnotherVersionFailsWhenItWouldBePushed() {
      var story = online().when(disconnected(1), version("1.5.0"), assign(TASK, delta(), true, false)).forget();
      assertThat(story.task()).isInstanceOf(DeviceTask.Queued.class);

      story.when(connected(2), version("1.5.0"));

      assertThat(story.events()).containsExactly(failed(Reason.SOURCE_VERSION_MISMATCH,
          "source version mismatch: expected 1.0.0 (what the delta to 2.0.0 applies to), got 1.5.0", T0));
      assertThat(story.outbound()).isEmpty();
      assertThat(online().when(assign(TASK, delta(), true, false)).events()).containsExactly(notified(1, T0));
    }
  }

  @Nested
  class Reporting {
    @Test
    void theFirstProgressStartsTheTaskAndItsSecondDeadline() {
      var later = T0.plusSeconds(90);
      var story = notifiedDevice().at(later).when(progress(0, "erasing"));

      assertThat(story.events()).containsExactly(new TaskProgressed(TASK, DEVICE, 0, "erasing", later));
      assertThat(story.task()).isEqualTo(new DeviceTask.InProgress(assign(), 1, 0, "erasing", later.plus(TIMEOUT)));
    }

    @Test
    void progressIsToldWhenItDiffers() {
      var story = progressing();

      story.when(progress(10), progress(10, "x"), progress(5, "x"), progress(5, "x"), progress(100));

      assertThat(story.events()).containsExactly(new TaskProgressed(TASK, DEVICE, 10, "x", T1),
          new TaskProgressed(TASK, DEVICE, 5, "x", T1), new TaskProgressed(TASK, DEVICE, 100, "", T1));
      assertThat(story.task()).isEqualTo(new DeviceTask.InProgress(assign(), 1, 100, "", T1.plus(TIMEOUT)));
    }

    @Test
    void whatADeviceSaysAtLengthIsCut() {
      var story = notifiedDevice().when(progress(1, "x".repeat(600)), progress(1, "x".repeat(700)));

      assertThat(story.events()).containsExactly(new TaskProgressed(TASK, DEVICE, 1, "x".repeat(512) + "…", T1));
    }

    @Test
    void progressBeforeAnyPushOrOfAnotherModuleIsNotAboutTheTask() {
      var story = online().when(disconnected(1), assign()).when(progress(10), progress(-1)).when(connected(2))
          .when(version("1.0.0")).at(T1).forget();
      story.when(new DeviceInput.ProgressReported(DEVICE, new ModuleName("mcu"), -1, "", T0));

      assertThat(story.events()).isEmpty();
      assertThat(story.task()).isInstanceOf(DeviceTask.Notified.class);
    }

    @Test
    void whatWasSaidInTheUnitOfTheFirstPushWasSaidBeforeIt() {
      var story = online().when(assign(), progress(-2), version("2.0.0"));

      assertThat(story.events()).containsExactly(notified(1, T0));
      assertThat(story.outbound()).hasSize(1);
    }

    @Test
    void aDeviceThatRanTheTargetProvesNothingByWhatItSaidBeforeThePush() {
      var alreadyThere = online().when(version("2.0.0")).at(T1).when(assign()).after(Duration.ofSeconds(1)).forget();

      alreadyThere.when(version("2.0.0", T0));
      assertThat(alreadyThere.events()).containsExactly(new TaskNotified(TASK, DEVICE, 2, "2.0.0", T1.plusSeconds(1)));

      var answering = online().when(version("2.0.0")).at(T1).when(assign()).after(Duration.ofSeconds(1)).forget()
          .when(version("2.0.0", T1.plusMillis(1)));
      assertThat(answering.events()).hasExactlyElementsOfTypes(TaskSucceeded.class);
    }

    @Test
    void eachNegativeStepEndsTheTaskWithItsReason() {
      assertThat(notifiedDevice().when(progress(-1)).events()).containsExactly(
          failed(Reason.UPGRADE_FAILED, "upgrade failed: device reported step -1", T1));
      assertThat(progressing().when(progress(-2, "no route")).events()).containsExactly(
          failed(Reason.DOWNLOAD_FAILED, "download failed: device reported step -2, \"no route\"", T1));
      assertThat(progressing().when(progress(-3)).events()).containsExactly(failed(Reason.DIGEST_FAILED,
          "digest failed: expected MD5 %s of 4096 bytes: device reported step -3".formatted(FILE.md5()), T1));
      assertThat(progressing().when(progress(-4)).events()).containsExactly(
          failed(Reason.BURN_FAILED, "burning failed: device reported step -4", T1));
    }

    @Test
    void theTargetVersionIsSuccessWithAndWithoutProgress() {
      assertThat(progressing().when(version("2.0.0")).events())
          .containsExactly(new TaskSucceeded(TASK, DEVICE, "2.0.0", T1));
      assertThat(notifiedDevice().when(version("2.0.0")).events())
          .containsExactly(new TaskSucceeded(TASK, DEVICE, "2.0.0", T1));
    }

    @Test
    void theTargetVersionOfAnotherModuleIsNot() {
      var story = progressing().when(new DeviceInput.VersionReported(DEVICE, new ModuleName("mcu"), "2.0.0", T0));

      assertThat(story.events()).isEmpty();
    }

    @Test
    void theSourceVersionWhileInProgressChangesNothing() {
      assertThat(progressing().when(version("1.0.0")).events()).isEmpty();
    }

    @Test
    void anotherVersionWhileInProgressIsUnexpected() {
      assertThat(progressing().when(version("1.5.0")).events()).containsExactly(failed(Reason.UNEXPECTED_VERSION,
          "unexpected version: expected 2.0.0, got 1.5.0 (upgrade from 1.0.0, last progress 10 %)", T1));
    }

    @Test
    void theFirstVersionEverReportedWhileInProgressIsTheSource() {
      var story = new Story().when(connected(1), assign(), fetch()).at(T1).when(progress(10), version("1.5.0"));
      assertThat(story.task()).isInstanceOf(DeviceTask.InProgress.class);

      assertThat(story.forget().when(version("1.6.0")).events()).hasSize(1).first()
          .isInstanceOf(TaskFailed.class);
    }
  }

  @Nested
  class Observing {
    @Test
    void whatIsHeardOfADeviceWithAnOpenTaskIsKept() {
      var waiting = assign(TASK, full(), false, false);
      var story = online().when(waiting, progress(10, "early"), disconnected(1), disconnected(1), connected(2),
          version("1.0.0"),
          fetch());

      assertThat(story.observations()).containsExactly(
          observed(Observation.PROGRESS_REPORTED, "step 10, \"early\""), observed(Observation.DISCONNECTED, ""),
          observed(Observation.CONNECTED, "10.0.0.1:5000"), observed(Observation.VERSION_REPORTED, "1.0.0"),
          observed(Observation.FIRMWARE_REQUESTED, ""));
    }

    @Test
    void whatAnEventTellsIsNotToldTwiceAndOfNoTaskNothing() {
      assertThat(progressing().when(progress(20), version("2.0.0")).observations()).isEmpty();
      assertThat(online().when(disconnected(1), connected(2), version("1.0.0"), fetch()).observations()).isEmpty();
      assertThat(progressing().when(version("1.5.0")).observations())
          .containsExactly(observed(Observation.VERSION_REPORTED, "1.5.0"));
    }

    private static TaskDeviceObserved observed(Observation observation, String detail) {
      return new TaskDeviceObserved(TASK, DEVICE, observation, detail, T0);
    }
  }

  @Nested
  class Fetching {
    @Test
    void aFetchNotifies() {
      var task = assign(TASK, full(), false, false);
      var story = online().when(task).when(fetch());

      assertThat(story.events()).containsExactly(notified(1, T0));
      assertThat(story.outbound()).containsExactly(new Outbound.Answer(fetch(), task));
      assertThat(story.task()).isEqualTo(new DeviceTask.Notified(task, 1, T0, null));
    }

    @Test
    void aSecondFetchIsOnlyAnswered() {
      var story = notifiedDevice().when(fetch()).when(progress(1)).when(fetch());

      assertThat(story.events()).containsExactly(new TaskProgressed(TASK, DEVICE, 1, "", T1));
      assertThat(story.outbound()).containsExactly(new Outbound.Answer(fetch(), assign()),
          new Outbound.Answer(fetch(), assign()));
    }

    @Test
    void aFetchWithoutAConfirmedOpenTaskIsAnsweredWithNothing() {
      var nothing = new Outbound.Answer(fetch(), null);

      assertThat(online().when(fetch()).outbound()).containsExactly(nothing);
      assertThat(online().when(assign(TASK, full(), true, true)).when(fetch()).outbound()).containsExactly(nothing);
      assertThat(notifiedDevice().when(cancel(), fetch()).outbound()).containsExactly(nothing);
    }

    @Test
    void aDeltaIsHandedOnlyToADeviceThatRunsItsSource() {
      var task = assign(TASK, delta(), false, false);

      assertThat(online().when(task).when(fetch()).outbound()).containsExactly(new Outbound.Answer(fetch(), task));
      var unknown = new Story().when(task, fetch());
      assertThat(unknown.outbound()).containsExactly(new Outbound.Answer(fetch(), null));
      assertThat(unknown.events()).isEmpty();
      var other = online().when(version("1.5.0"), task, fetch());
      assertThat(other.outbound()).containsExactly(new Outbound.Answer(fetch(), null));
      assertThat(other.events()).containsExactly(failed(Reason.SOURCE_VERSION_MISMATCH,
          "source version mismatch: expected 1.0.0 (what the delta to 2.0.0 applies to), got 1.5.0", T0));
    }
  }

  @Nested
  class Ending {
    private static final String NEITHER = "start timeout: expected progress or version 2.0.0 by 2026-11-23T14:30:00Z"
        + " (30 min after the job was created), got neither; ";

    @Test
    void aTaskThatDoesNotStartInTimeFailsWhateverKeptIt() {
      assertThat(timedOut(online().when(assign(TASK, full(), true, true)))).isEqualTo(
          NEITHER + "it was never confirmed");
      assertThat(timedOut(online().when(disconnected(1), assign()))).isEqualTo(
          NEITHER + "it was never pushed: the device is offline");
      assertThat(timedOut(new Story().when(connected(1), assign()))).isEqualTo(
          NEITHER + "it was never pushed: the device never reported a version of module default");
      assertThat(timedOut(online().when(assign(TASK, full(), false, false)))).isEqualTo(
          NEITHER + "it was never pushed: no push was asked for, and the device did not fetch it");
      assertThat(timedOut(notifiedDevice())).isEqualTo(
          NEITHER + "the device was told once, last at 2026-11-23T14:00:00Z");
      assertThat(timedOut(notifiedDevice().when(disconnected(1)))).isEqualTo(
          NEITHER + "the device was told once, last at 2026-11-23T14:00:00Z, and is offline");
    }

    private static String timedOut(Story story) {
      story.forget().at(START_DEADLINE).when(deadline(START_DEADLINE), deadline(START_DEADLINE));
      assertThat(story.events()).hasSize(1);
      assertThat(story.events().getFirst()).isInstanceOfSatisfying(TaskFailed.class,
          failed -> assertThat(failed.reason()).isEqualTo(Reason.START_TIMEOUT));
      return ((TaskFailed) story.events().getFirst()).description();
    }

    @Test
    void aTaskThatDoesNotFinishInTimeFails() {
      var begun = T0.plus(Duration.ofMinutes(10));
      var due = begun.plus(TIMEOUT);
      var story = notifiedDevice().at(begun).when(progress(10)).after(TIMEOUT).when(progress(99)).forget();

      story.at(due).when(deadline(due));

      assertThat(story.events()).containsExactly(failed(Reason.FINISH_TIMEOUT,
          "finish timeout: expected version 2.0.0 by 2026-11-23T14:40:00Z (30 min after the first progress report),"
              + " got 1.0.0, last progress 99 %",
          due));
    }

    @Test
    void aDeadlineThatIsNotTheCurrentOneOrNotYetDueIsNothing() {
      var story = notifiedDevice();
      story.at(START_DEADLINE.minusNanos(1000)).when(deadline(START_DEADLINE));
      assertThat(story.events()).isEmpty();

      story.when(progress(10)).forget().at(START_DEADLINE).when(deadline(START_DEADLINE));

      assertThat(story.events()).isEmpty();
      assertThat(story.task()).isInstanceOf(DeviceTask.InProgress.class);
    }

    @Test
    void aReportAheadOfTheDeadlineInTheLogWinsHoweverLate() {
      var story = notifiedDevice().at(START_DEADLINE.plusSeconds(5)).when(version("2.0.0"), deadline(START_DEADLINE));

      assertThat(story.events()).containsExactly(new TaskSucceeded(TASK, DEVICE, "2.0.0", story.now()));
    }

    @Test
    void aCancelledTaskEndsInSilence() {
      for (var story : List.of(online().when(assign(TASK, full(), true, true)),
          online().when(disconnected(1), assign()),
          notifiedDevice(), progressing())) {
        story.forget().when(cancel(), cancel());
        assertThat(story.events()).isEmpty();
        assertThat(story.task()).isInstanceOfSatisfying(DeviceTask.Ended.class,
            ended -> assertThat(ended.outcome()).isEqualTo(new DeviceTask.Outcome.Canceled()));
      }
    }

    @Test
    void aDeadlineIsKeptInTheDatabasesMicroseconds() {
      var precise = new DeviceInput.AssignTask(DEVICE, TASK, full(), TIMEOUT, true, false, List.of(),
          T0.plusNanos(1_999));
      var due = START_DEADLINE.plusNanos(1_000);

      var story = online().when(precise).forget().at(due).when(deadline(due));

      assertThat(story.events()).hasSize(1);
    }

    @Test
    void anEventThatCannotHappenToATaskIsABug() {
      assertThatThrownBy(() -> Device.evolve(progressing().device(),
          new Change.TaskChanged(new TaskConfirmed(TASK, DEVICE, T0)))).isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("(expected: one that can happen to InProgress)");
      assertThatThrownBy(() -> Device.evolve(online().device(), new Change.TaskLeft(TASK)))
          .isInstanceOf(IllegalStateException.class).hasMessageContaining("(expected: one of ");
    }
  }

  @Nested
  class Registry {
    @Test
    void aVersionIsToldWhenItDiffersFromTheKnownOne() {
      var story = new Story().when(version("1.0.0"), version("1.0.0"), version("1.1.0"));

      assertThat(story.registry()).containsExactly(
          new DeviceVersionChanged(PRODUCT, NAME, ModuleName.DEFAULT, "1.0.0", T0),
          new DeviceVersionChanged(PRODUCT, NAME, ModuleName.DEFAULT, "1.1.0", T0));
    }

    @Test
    void presenceIsToldWhenItChanges() {
      var story = new Story().when(connected(5), connected(5), connected(6), disconnected(6), disconnected(6),
          connected(6));

      assertThat(story.registry()).containsExactly(
          new DevicePresenceChanged(PRODUCT, NAME, true, "10.0.0.1:5000", T0),
          new DevicePresenceChanged(PRODUCT, NAME, false, null, T0));
      assertThat(story.device().presence()).isEqualTo(new Presence(6, false, null));
    }

    @Test
    void theEndOfAnEarlierSessionIsTooLate() {
      var story = online().when(connected(2), disconnected(1));

      assertThat(story.registry()).isEmpty();
      assertThat(story.device().presence()).isEqualTo(new Presence(2, true, "10.0.0.1:5000"));
      assertThat(story.when(disconnected(3), connected(3)).device().presence())
          .isEqualTo(new Presence(3, false, null));
    }
  }
}
