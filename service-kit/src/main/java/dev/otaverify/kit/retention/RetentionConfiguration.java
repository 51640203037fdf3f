// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.retention;

import dev.otaverify.kit.Migration;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Removes what each {@link Kept} bean of the service says. */
@Configuration(proxyBeanMethods = false)
public class RetentionConfiguration {
  @Bean
  Retention retention(ConnectionFactory database, ObjectProvider<Kept> kinds,
      @Value("${ota.retention.interval}") Duration interval, MeterRegistry registry, Migration migration) {
    var retention = new Retention(database, kinds.orderedStream().toList(), interval, registry);
    migration.whenDone(retention::start);
    return retention;
  }
}
