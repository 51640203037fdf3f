// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.gateway.account.Admission;
import dev.otaverify.gateway.account.LimitedCommands;
import dev.otaverify.gateway.account.LimitedViews;
import dev.otaverify.gateway.account.LimitedWebhooks;
import dev.otaverify.gateway.auth.AccessKeys;
import dev.otaverify.gateway.auth.Authenticator;
import dev.otaverify.gateway.operation.Commands;
import dev.otaverify.gateway.operation.FirmwareFiles;
import dev.otaverify.gateway.operation.OperationSettings;
import dev.otaverify.gateway.operation.Operations;
import dev.otaverify.gateway.operation.Secrets;
import dev.otaverify.gateway.operation.Views;
import dev.otaverify.gateway.operation.Webhooks;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Map;
import org.springframework.boot.webflux.autoconfigure.WebHttpHandlerBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;

/** The API on top of what it uses. */
@Configuration(proxyBeanMethods = false)
class GatewayConfiguration {
  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  Operations operations(Commands commands, Views views, Secrets secrets, FirmwareFiles files,
      Webhooks webhooks, GatewayProperties properties) {
    return new Operations(new LimitedCommands(commands, views), new LimitedViews(views), secrets, files,
        new LimitedWebhooks(webhooks),
        new OperationSettings(properties.verifyJobType(),
            (int) properties.defaultTimeout().toMinutes(), properties.timeoutUnit()));
  }

  @Bean
  Authenticator authenticator(AccessKeys keys, GatewayProperties properties, Clock clock) {
    return new Authenticator(keys, clock, properties.timestampWindow());
  }

  @Bean
  CallTrace.Convention callTraceConvention() {
    return new CallTrace.Convention();
  }

  @Bean
  RequestLines requestLines() {
    return new RequestLines();
  }

  /** Before all other mappings: nearly every request is a call. */
  @Bean
  HandlerMapping apiMapping(Operations operations, Authenticator authenticator, Admission admission,
      GatewayProperties properties, MeterRegistry meters) {
    return new SimpleUrlHandlerMapping(Map.of("/", new ApiHandler(operations, authenticator, admission,
        properties.instanceId(), new CallMetrics(meters))), Ordered.HIGHEST_PRECEDENCE);
  }

  /** Bodies are read here, forms and uploads too: without this a way to read them is looked for with each request. */
  @Bean
  WebHttpHandlerBuilderCustomizer noForms() {
    var none = ServerCodecConfigurer.create();
    none.registerDefaults(false);
    return builder -> builder.codecConfigurer(none);
  }
}
