// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.query;

import dev.otaverify.gateway.GatewayProperties;
import dev.otaverify.gateway.Waiting;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.net.URI;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.client.WebClient;

/** The gateway's HTTP clients. */
@Configuration(proxyBeanMethods = false)
class QueryConfiguration {
  /** A page of a hundred tasks with long descriptions is well below. */
  private static final int MAX_ANSWER = 4 * 1024 * 1024;

  @Bean
  AggregatorViews aggregatorViews(WebClient.Builder builder, GatewayProperties properties,
      @Value("${ota.internal-token}") String token, CircuitBreakerRegistry breakers, BulkheadRegistry bulkheads) {
    return new AggregatorViews(client(builder, properties.aggregatorUrl(), token), breakers.circuitBreaker("queries"),
        new Waiting(bulkheads.bulkhead("queries"), "status-aggregator"),
        properties.queryTimeout());
  }

  @Bean
  JobServiceSecrets jobServiceSecrets(WebClient.Builder builder, GatewayProperties properties,
      @Value("${ota.internal-token}") String token) {
    return new JobServiceSecrets(client(builder, properties.jobServiceUrl(), token), properties.secretTimeout());
  }

  @Bean
  JobServiceFiles jobServiceFiles(WebClient.Builder builder, GatewayProperties properties,
      @Value("${ota.internal-token}") String token) {
    return new JobServiceFiles(client(builder, properties.jobServiceUrl(), token), properties.queryTimeout());
  }

  private static WebClient client(WebClient.Builder builder, URI baseUrl, String token) {
    return builder.clone().baseUrl(baseUrl.toString())
        .defaultHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token)
        .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(MAX_ANSWER)).build();
  }
}
