// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.dispatcher.device.Story;
import dev.otaverify.kit.unit.UnitHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** The handler, for tests elsewhere that need its rows. */
public final class TestHandler {
  private TestHandler() {}

  /** With the policy of the stories, and nobody to hear its messages. */
  public static UnitHandler<DeviceInput> create() {
    return new DeviceInputHandler(Story.POLICY, (message, now) -> () -> {},
        new TaskMetrics(new SimpleMeterRegistry()));
  }
}
