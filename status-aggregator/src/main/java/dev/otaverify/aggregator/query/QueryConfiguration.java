// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import dev.otaverify.aggregator.projection.Commits;
import io.r2dbc.spi.ConnectionFactory;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the queries to Kafka and the database. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QueryProperties.class)
class QueryConfiguration {
  @Bean
  StatusQueries statusQueries(Admin admin, ConnectionFactory database, Commits commits, QueryProperties properties) {
    var ends = new NextEndOffsets(new KafkaEndOffsets(admin, properties.deadline()));
    return new StatusQueries(new ReadBarrier(ends, database, commits, properties));
  }
}
