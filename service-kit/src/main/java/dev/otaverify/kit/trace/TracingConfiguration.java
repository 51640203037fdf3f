// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.trace;

import io.micrometer.observation.ObservationPredicate;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;

/** Traces of a service: recorded once it is told where to send them, else only ids for the logs. */
@Configuration(proxyBeanMethods = false)
public class TracingConfiguration {
  private static final List<String> NOBODYS = List.of("/actuator", "/livez", "/readyz");
  private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";

  @Bean
  Traces traces(OpenTelemetry telemetry) {
    return new Traces(telemetry);
  }

  /** Nobody would see them, so none are made, and the libraries do nothing for them at each call. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = ENDPOINT, havingValue = "false", matchIfMissing = true)
  static class WithoutEndpoint {
    @Bean
    Sampler noTraces() {
      return Sampler.alwaysOff();
    }

    @Bean
    Tracer noSpans() {
      return Tracer.NOOP;
    }

    @Bean
    Propagator noHeaders() {
      return Propagator.NOOP;
    }
  }

  /** Health checks and scrapes are no calls of anybody. */
  @Bean
  ObservationPredicate noHealthChecks() {
    return (name, context) -> !(context instanceof ServerRequestObservationContext request
        && isNobodys(request.getCarrier()));
  }

  private static boolean isNobodys(@Nullable ServerHttpRequest request) {
    return request != null && NOBODYS.stream().anyMatch(request.getPath().value()::startsWith);
  }
}
