// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.retention.Kept;
import dev.otaverify.kit.unit.Subscription;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Subscribes to the inputs of devices. */
@Configuration(proxyBeanMethods = false)
class InputsConfiguration {
  @Bean
  Subscription<DeviceInput> deviceInputs(PushProperties push, Messenger messenger, MeterRegistry registry) {
    return new Subscription<>("device-dispatcher", Topics.DEVICE_INPUTS, DeviceInput.class,
        new DeviceInputHandler(push.policy(), messenger, new TaskMetrics(registry)));
  }

  /** Tasks that ended. One that is assigned again after that is too old to begin. */
  @Bean
  Kept tasks(@Value("${ota.dispatcher.task-retention}") Duration time) {
    return Kept.rows("tasks", Kept.checked("ota.dispatcher.task-retention", time), 1_000, "device_task", "task_id",
        "ended_at");
  }
}
