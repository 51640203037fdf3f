// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.unit.Subscription;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the aggregator reads. */
@Configuration(proxyBeanMethods = false)
class ProjectionConfiguration {
  @Bean
  Subscription<FirmwareEvent> firmwareEvents(Commits commits, MeterRegistry registry) {
    return new Subscription<>("status-aggregator", Topics.FIRMWARE_EVENTS, FirmwareEvent.class,
        new FirmwareEvents(commits, new VerdictMetrics(registry)));
  }

  @Bean
  Subscription<RegistryEvent> registryEvents(Commits commits) {
    return new Subscription<>("status-aggregator-registry", Topics.REGISTRY_EVENTS, RegistryEvent.class,
        new RegistryEvents(commits));
  }
}
