// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.sweep;

import io.micrometer.core.instrument.MeterRegistry;
import dev.otaverify.kit.sql.Database;
import org.apache.kafka.clients.producer.Producer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;

/** Starts the sweeper beside the units. */
@Configuration(proxyBeanMethods = false)
class SweeperConfiguration {
  @Bean
  @DependsOn("unitWorkers")
  Sweeper sweeper(Database unitDatabase, Producer<String, byte[]> unitProducer, SweeperProperties properties,
      MeterRegistry registry) {
    return new Sweeper(unitDatabase, unitProducer, properties, registry);
  }
}
