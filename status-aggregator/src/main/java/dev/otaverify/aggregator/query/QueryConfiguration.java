// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.Commits;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the queries to Kafka and the database. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QueryProperties.class)
class QueryConfiguration {
  private static final Duration COUNT_INTERVAL = Duration.ofSeconds(10);

  @Bean
  StatusQueries statusQueries(Admin admin, ConnectionFactory database, Commits commits, QueryProperties properties) {
    var ends = new KafkaEndOffsets(admin, properties.deadline());
    return new StatusQueries(new ReadBarrier(ends, database, commits, properties));
  }

  @Bean
  @DependsOnDatabaseInitialization
  OpenWork openWork(ConnectionFactory database, MeterRegistry registry) {
    return new OpenWork(database, registry, COUNT_INTERVAL);
  }
}
