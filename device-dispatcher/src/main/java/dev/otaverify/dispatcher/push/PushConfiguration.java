// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import dev.otaverify.dispatcher.inputs.PushProperties;
import dev.otaverify.kit.DownloadLinks;
import dev.otaverify.kit.trace.Traces;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The way to devices. */
@Configuration(proxyBeanMethods = false)
class PushConfiguration {
  @Bean
  MqttMessenger mqttMessenger(MqttProperties mqtt, FilesProperties files, PushProperties push,
      CircuitBreakerRegistry breakers, MeterRegistry registry, Traces traces) {
    return new MqttMessenger(client(mqtt),
        new DeviceMessages(new DownloadLinks(files.signingKey()), files.baseUrl(), files.linkValidity()),
        breakers.circuitBreaker("mqtt"), registry, traces, push.messageExpiry(), mqtt.sendTimeout(),
        mqtt.queueCapacity());
  }

  private static Mqtt5AsyncClient client(MqttProperties mqtt) {
    return Mqtt5Client.builder().identifier("device-dispatcher-" + UUID.randomUUID()).serverHost(mqtt.host())
        .serverPort(mqtt.port())
        .automaticReconnect().initialDelay(200, TimeUnit.MILLISECONDS).maxDelay(1, TimeUnit.SECONDS)
        .applyAutomaticReconnect()
        .simpleAuth().username(mqtt.username()).password(mqtt.password().getBytes(StandardCharsets.UTF_8))
        .applySimpleAuth().buildAsync();
  }
}
