// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.verification;

import dev.otaverify.contracts.FirmwareEvent.TaskCanceled;
import dev.otaverify.contracts.FirmwareEvent.TaskEnded;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;

/** How the task of one device stands: open, or ended in one of three ways for good. */
public sealed interface Fate {

  /** The device may still come back with the new version. */
  record Open() implements Fate {}

  /** The device runs the new version. */
  record Succeeded() implements Fate {}

  /** The task ended otherwise. {@code reason} as in {@link TaskFailed.Reason}. */
  record Failed(String reason, String description) implements Fate {}

  /** An operator called it off. */
  record Canceled(String description) implements Fate {}

  /** The reason that a cancelled task is listed with among the failures. */
  String CANCELED = "CANCELED";

  /** Where this event leaves an open task; the first one keeps an ended one where it is. */
  default Fate after(TaskEnded event) {
    return switch (this) {
      case Open ignored -> of(event);
      case Succeeded ended -> ended;
      case Failed ended -> ended;
      case Canceled ended -> ended;
    };
  }

  private static Fate of(TaskEnded event) {
    return switch (event) {
      case TaskSucceeded ignored -> new Succeeded();
      case TaskFailed failed -> new Failed(failed.reason().name(), failed.description());
      case TaskCanceled canceled -> new Canceled(canceled.description());
    };
  }
}
