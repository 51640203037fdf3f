// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.unit.Subscription;
import io.micrometer.core.instrument.MeterRegistry;
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
}
