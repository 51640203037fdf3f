// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.aggregator.StatusAggregatorApplication;
import dev.otaverify.contracts.Topics;
import dev.otaverify.dispatcher.DeviceDispatcherApplication;
import dev.otaverify.gateway.ApiGatewayApplication;
import dev.otaverify.jobservice.JobServiceApplication;
import dev.otaverify.kit.CreateTopics;
import dev.otaverify.localinfra.LocalKafka;
import dev.otaverify.localinfra.LocalPostgres;
import dev.otaverify.mqttbroker.BrokerConfig;
import dev.otaverify.mqttbroker.EmbeddedBroker;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The parts of the stack, each of which can run in this JVM beside the others or as a process of its own. */
public enum Part {
  /** The broker, with its topics. */
  KAFKA {
    @Override
    public AutoCloseable start(Settings settings) {
      var kafka = LocalKafka.start(LocalKafka.Config.in(settings.dir().resolve("kafka")).port(settings.port(this)));
      CreateTopics.in(kafka.bootstrapServers());
      kafka.awaitTopics(Topics.all());
      return kafka;
    }
  },
  /** The server, with a database for each service. */
  POSTGRES {
    @Override
    public AutoCloseable start(Settings settings) {
      var postgres = LocalPostgres
          .start(LocalPostgres.Config.in(settings.dir().resolve("postgres")).port(settings.port(this)));
      for (var service : List.of(JOB_SERVICE, DEVICE_DISPATCHER, STATUS_AGGREGATOR, API_GATEWAY)) {
        postgres.createDatabase(service.database(), service.database(), settings.databasePassword());
      }
      return postgres;
    }
  },
  /** HiveMQ CE with our extension. */
  MQTT_BROKER {
    @Override
    public AutoCloseable start(Settings settings) {
      return EmbeddedBroker.start(new BrokerConfig(settings.port(this), "127.0.0.1", settings.address(KAFKA),
          URI.create(settings.url(JOB_SERVICE)), settings.internalToken(), MQTT_SERVICE_USER,
          settings.mqttServicePassword(), settings.dir().resolve("mqtt"), BrokerConfig.DEFAULT_KAFKA_TIMEOUT,
          BrokerConfig.Tls.fromEnvironment(System.getenv()),
          Optional.of(new BrokerConfig.Management(settings.managementPort(this), "127.0.0.1"))));
    }
  },
  /** The write side. */
  JOB_SERVICE {
    @Override
    public AutoCloseable start(Settings settings) {
      return JobServiceApplication.start(arguments(settings));
    }
  },
  /** The tasks of devices. */
  DEVICE_DISPATCHER {
    @Override
    public AutoCloseable start(Settings settings) {
      return DeviceDispatcherApplication.start(arguments(settings, "--ota.mqtt.host=127.0.0.1",
          "--ota.mqtt.port=" + settings.port(MQTT_BROKER), "--ota.mqtt.username=" + MQTT_SERVICE_USER,
          "--ota.mqtt.password=" + settings.mqttServicePassword(), "--ota.files.base-url=" + settings.url(API_GATEWAY),
          "--ota.files.signing-key=" + settings.signingKey()));
    }
  },
  /** The read side. */
  STATUS_AGGREGATOR {
    @Override
    public AutoCloseable start(Settings settings) {
      return StatusAggregatorApplication.start(arguments(settings));
    }
  },
  /** The API. */
  API_GATEWAY {
    @Override
    public AutoCloseable start(Settings settings) {
      return ApiGatewayApplication
          .start(arguments(settings, masterKey(settings),
              "--management.server.port=" + settings.managementPort(this),
              "--ota.gateway.access-keys[0].id=" + settings.accessKeyId(),
              "--ota.gateway.access-keys[0].secret=" + settings.accessKeySecret(),
              "--ota.gateway.access-keys[0].account=default", "--ota.gateway.timeout-unit=" + settings.timeoutUnit(),
              "--ota.gateway.job-service-url=" + settings.url(JOB_SERVICE),
              "--ota.gateway.aggregator-url=" + settings.url(STATUS_AGGREGATOR),
              // Whoever tries webhooks on one machine has the endpoint there too.
              "--ota.webhooks.allow-loopback=true",
              "--ota.files.directory=" + settings.dir().resolve("files"), "--ota.files.base-url=" + settings.url(this),
              "--ota.files.signing-key=" + settings.signingKey()));
    }
  };

  private static final String MQTT_SERVICE_USER = "device-dispatcher";

  /** Starts the part; returns when it is ready. */
  public abstract AutoCloseable start(Settings settings);

  /** What the command needs that changes access keys, which is a part of the gateway. */
  static List<String> keysArguments(Settings settings) {
    return List.of(API_GATEWAY.arguments(settings, masterKey(settings)));
  }

  private static String masterKey(Settings settings) {
    return "--ota.gateway.master-key=" + settings.masterKey();
  }

  /** Such as {@code job-service}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the part is one of ours that answers {@code /readyz} on its port. */
  public boolean isService() {
    return switch (this) {
      case KAFKA, POSTGRES, MQTT_BROKER -> false;
      case JOB_SERVICE, DEVICE_DISPATCHER, STATUS_AGGREGATOR, API_GATEWAY -> true;
    };
  }

  /** Whether the part tells metrics. */
  boolean isManaged() {
    return this == MQTT_BROKER || isService();
  }

  /**
   * Reads an {@link #id()}.
   *
   * @throws IllegalArgumentException if there is no such part
   */
  static Part of(String id) {
    return Stream.of(values()).filter(part -> part.id().equals(id)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "part: " + id + " (expected: one of " + Stream.of(values()).map(Part::id).toList() + ")"));
  }

  /** Its name, which is that of its owner too. */
  public String database() {
    return name().toLowerCase(Locale.ROOT);
  }

  String[] arguments(Settings settings, String... more) {
    var arguments = new ArrayList<>(List.of("--server.port=" + settings.port(this),
        // Several services share this JVM: it is the stack that stops them, in order.
        "--spring.main.register-shutdown-hook=false",
        // Nobody balances over the parts of one machine.
        "--ota.drain=0s", "--spring.kafka.bootstrap-servers=" + settings.address(KAFKA),
        "--ota.internal-token=" + settings.internalToken(), "--ota.database.port=" + settings.port(POSTGRES),
        "--ota.database.name=" + database(), "--ota.database.user=" + database(),
        "--ota.database.password=" + settings.databasePassword()));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }
}
