// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.Migration;
import dev.otaverify.kit.MigrationConfiguration;
import dev.otaverify.kit.retention.RetentionConfiguration;
import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.trace.Traces;
import dev.otaverify.kit.trace.TracingConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.r2dbc.autoconfigure.ConnectionFactoryOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Runs each {@link Subscription} bean of the service, in a consumer of its own. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(UnitProperties.class)
@Import({TracingConfiguration.class, RetentionConfiguration.class, MigrationConfiguration.class})
public class UnitOfWorkConfiguration {
  /** After so long without an answer another connection is tried: a broker may be gone without a word. */
  private static final int KAFKA_REQUEST_MILLIS = 5_000;
  /** A member that leaves, or one that comes, is heard of at the next heartbeat. */
  private static final int HEARTBEAT_MILLIS = 500;
  /** Of a poll: enough for several units beside each other in a burst. Kafka's 500 are often of one partition. */
  private static final int MOST_RECORDS = 1_000;

  /** Bounds every transaction on the server, so that an owner that froze in one bars nobody for long. */
  @Bean
  ConnectionFactoryOptionsBuilderCustomizer transactionLimits(UnitProperties properties) {
    return options -> options.option(PostgresqlConnectionFactoryProvider.OPTIONS,
        Database.serverLimits(properties.transactionLimit()));
  }

  /** The producer of pending output, also for inputs that a service writes itself: it does not give up. */
  @Bean
  Producer<String, byte[]> unitProducer(KafkaProperties kafka) {
    return producer(kafka.buildProducerProperties());
  }

  @Bean(destroyMethod = "")
  Admin unitAdmin(KafkaProperties kafka) {
    var settings = new HashMap<>(kafka.buildAdminProperties());
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, KAFKA_REQUEST_MILLIS);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2 * KAFKA_REQUEST_MILLIS);
    return Admin.create(settings);
  }

  /** Without a limit it would wait for what a Kafka that is away does not answer. */
  @Bean
  DisposableBean closingUnitAdmin(Admin unitAdmin) {
    return () -> unitAdmin.close(Duration.ofSeconds(1));
  }

  @Bean
  Database unitDatabase(FlywayProperties tables, UnitProperties properties,
      ObjectProvider<Subscription<?>> subscriptions,
      MeterRegistry registry) {
    // One more, for what runs beside the units.
    return database(tables, properties, properties.parallelism() * (int) subscriptions.stream().count() + 1, registry);
  }

  /** The tables that Flyway cares for, for units of which so many run at a time. */
  public static Database database(FlywayProperties tables, UnitProperties properties, int most,
      MeterRegistry registry) {
    return new Database(String.valueOf(tables.getUrl()), String.valueOf(tables.getUser()),
        String.valueOf(tables.getPassword()), properties.transactionLimit(), most, registry);
  }

  @Bean
  UnitWorkers unitWorkers(Migration migration, ObjectProvider<Subscription<?>> subscriptions,
      Database database,
      Producer<String, byte[]> unitProducer, Admin unitAdmin, KafkaProperties kafka, UnitProperties properties,
      MeterRegistry registry, Traces traces) {
    var metrics = new UnitMetrics(registry);
    var workers = new ArrayList<UnitWorker<?>>();
    subscriptions.orderedStream().forEach(subscription -> workers.add(
        new UnitWorker<>(subscription,
            consumer(patient(kafka.buildConsumerProperties(), subscription.patience()), subscription.group(),
                properties),
            unitAdmin, database, unitProducer, properties, metrics, traces, metrics)));
    return new UnitWorkers(migration, workers);
  }

  /** Down if the thread of a worker has died. */
  @Bean
  HealthIndicator unitThreads(UnitWorkers workers) {
    return () -> (workers.areAlive() ? Health.up() : Health.down()).build();
  }

  /** Down while Kafka does not answer. */
  @Bean
  HealthIndicator kafka(UnitWorkers workers) {
    return () -> (workers.hearKafka() ? Health.up() : Health.down()).build();
  }

  static Producer<String, byte[]> producer(Map<String, Object> settings) {
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    settings.put(ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, KAFKA_REQUEST_MILLIS);
    // A unit waits for its acknowledgements, so waiting for more to send would only add to every step.
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer()) {
      @Override
      public void close() {
        // Without a limit this would wait for Kafka as long as it is away; what is not sent stands in the position row.
        close(Duration.ofSeconds(2));
      }
    };
  }

  private static Map<String, Object> patient(Map<String, Object> settings, Duration patience) {
    if (patience.isPositive()) {
      settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) patience.toMillis());
      settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, ConsumerConfig.DEFAULT_MAX_PARTITION_FETCH_BYTES);
    }
    return settings;
  }

  static Consumer<String, byte[]> consumer(Map<String, Object> settings, String group, UnitProperties properties) {
    long session = properties.sessionTimeout().toMillis();
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // The position row says where to begin; an offset that is gone must be seen, not skipped.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
    settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) session);
    settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) Math.min(session / 4, HEARTBEAT_MILLIS));
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, KAFKA_REQUEST_MILLIS);
    // A topic that is missing is looked for again after this.
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    settings.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 60_000);
    settings.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MOST_RECORDS);
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, group + "-" + ProcessHandle.current().pid());
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }
}
