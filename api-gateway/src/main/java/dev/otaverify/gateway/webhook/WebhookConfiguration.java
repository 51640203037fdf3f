// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.Topics;
import dev.otaverify.gateway.account.Vault;
import dev.otaverify.kit.retention.Kept;
import dev.otaverify.kit.unit.Subscription;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Clock;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.r2dbc.core.DatabaseClient;

/** The webhooks and what sends them. */
@Configuration(proxyBeanMethods = false)
class WebhookConfiguration {
  /** Nobody waits for a webhook that long; and most events are of firmware that no webhook is told of. */
  private static final Duration PATIENCE = Duration.ofMillis(100);

  @Bean
  WebhookMetrics webhookMetrics(MeterRegistry meters, ConnectionFactory database) {
    return new WebhookMetrics(meters, DatabaseClient.create(database));
  }

  @Bean
  Endpoints endpoints(WebhookProperties properties, Clock clock) {
    return new Endpoints(properties, clock);
  }

  @Bean
  Sender webhookSender(ConnectionFactory database, Endpoints endpoints, Vault vault, WebhookProperties properties,
      WebhookMetrics metrics) {
    var lines = new Lines(DatabaseClient.create(database), properties.lease(), properties.disableAfter());
    return new Sender(lines, endpoints, vault, properties, metrics);
  }

  @Bean
  Subscription<FirmwareEvent> webhookEvents(Sender sender) {
    return new Subscription<>("api-gateway-webhooks", Topics.FIRMWARE_EVENTS, FirmwareEvent.class,
        new Recorder(sender::wake), PATIENCE);
  }

  @Bean
  WebhookStore webhooks(ConnectionFactory database, Admin unitAdmin, Vault vault, WebhookProperties properties,
      Sender sender) {
    return new WebhookStore(database, new EndOffsets(unitAdmin), vault, properties, sender::wake);
  }

  @Bean
  Kept deliveries(WebhookProperties properties) {
    return KeptDeliveries.delivered(properties);
  }

  @Bean
  Kept waitingDeliveries(WebhookProperties properties, WebhookMetrics metrics) {
    return KeptDeliveries.waiting(properties, metrics);
  }

  @Bean
  Kept deliveriesOfDeletedWebhooks() {
    return KeptDeliveries.ofDeleted();
  }

  @Bean
  Kept linesOfDeletedWebhooks() {
    return KeptDeliveries.linesOfDeleted();
  }

  @Bean
  Kept deletedWebhooks() {
    return KeptDeliveries.deleted();
  }
}
