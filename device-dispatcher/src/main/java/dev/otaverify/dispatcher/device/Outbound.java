// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.DeviceInput.FirmwareRequested;
import org.jspecify.annotations.Nullable;

/** Something to say to a device. It may be lost: a push is repeated, an answer is asked for again. */
public sealed interface Outbound {

  /** The device it is for. */
  DeviceId device();

  /** Take this firmware. */
  record Push(AssignTask task, int attempt) implements Outbound {
    @Override
    public DeviceId device() {
      return task.device();
    }
  }

  /** The answer to a device that asked for a firmware; {@code task} null: there is none for it. */
  record Answer(FirmwareRequested request, @Nullable AssignTask task) implements Outbound {
    @Override
    public DeviceId device() {
      return request.device();
    }
  }
}
