// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What every service tells about itself: which build runs, as {@code ota.build.info}, and whether it is ready, as {@code ota.ready}; and
 * how it stops.
 */
@Configuration(proxyBeanMethods = false)
public class ManagementConfiguration {
  private static final String UNKNOWN = "unknown";

  @Bean
  MeterBinder buildInfo(ObjectProvider<BuildProperties> build, ObjectProvider<GitProperties> git) {
    var version = build.stream().map(BuildProperties::getVersion).findFirst().orElse(UNKNOWN);
    // A build from a tarball knows no commit.
    var commit = git.stream().map(GitProperties::getShortCommitId).findFirst().orElse(UNKNOWN);
    return registry -> Gauge.builder("ota.build.info", () -> 1)
        .description("Always 1; the labels say which build runs").tag("version", version).tag("commit", commit)
        .register(registry);
  }

  /** In place of Boot's, which has no limit. */
  @Bean
  DatabaseHealth r2dbcHealthIndicator(ConnectionFactory database) {
    return new DatabaseHealth(database);
  }

  @Bean
  Draining draining(@Value("${ota.drain}") Duration time) {
    return new Draining(time);
  }

  @Bean
  Readiness readiness(HealthEndpoint health, MeterRegistry registry) {
    return new Readiness(health, registry);
  }
}
