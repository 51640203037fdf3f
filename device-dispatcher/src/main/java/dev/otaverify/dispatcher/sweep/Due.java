// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.sweep;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.TaskId;
import java.time.Instant;
import java.util.Locale;

/** Something of a task that is due: a row of the sweeper's query. {@code now}: when it was found, by the database's clock. */
record Due(Kind kind, TaskId taskId, ProductKey productKey, DeviceName deviceName, Instant dueAt, Instant now) {

  enum Kind {
    DEADLINE, PUSH
  }

  DeviceId device() {
    return new DeviceId(productKey, deviceName);
  }

  /** The same for the same thing, whoever finds it and however often. */
  String id() {
    return "due:%s:%s:%s".formatted(kind.name().toLowerCase(Locale.ROOT), taskId, dueAt);
  }

  Message<DeviceInput> message() {
    return Message.unnumbered(id(), Source.DEVICE_DISPATCHER, taskId.value(), now, switch (kind) {
      case DEADLINE -> new DeviceInput.DeadlineReached(device(), taskId, dueAt);
      case PUSH -> new DeviceInput.PushDue(device(), taskId, dueAt);
    });
  }
}
