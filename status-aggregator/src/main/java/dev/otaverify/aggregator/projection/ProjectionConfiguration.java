// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.retention.Kept;
import dev.otaverify.kit.unit.Subscription;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
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

  /** Jobs whose last event was read, with their tasks and what happened to those. The firmware keeps its status. */
  @Bean
  Kept jobs(@Value("${ota.aggregator.job-retention}") Duration time) {
    return new Kept("jobs", Kept.checked("ota.aggregator.job-retention", time), 50,
        """
        with old as (
          select job_id from job where ended_at < now() - make_interval(secs => $1) and own_number >= %d
          order by ended_at limit $2 for update skip locked),
        tasks as (delete from task t using old where t.%s returning t.task_id),
        entries as (delete from task_history h using tasks where h.task_id = tasks.task_id)
        delete from job j using old where j.job_id = old.job_id""".formatted(JobRow.LAST_NUMBER,
            TaskRow.isOf("old.job_id")));
  }
}
