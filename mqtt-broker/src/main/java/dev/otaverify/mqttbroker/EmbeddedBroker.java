// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.codahale.metrics.MetricRegistry;
import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.client.parameter.Listener;
import com.hivemq.extension.sdk.api.client.parameter.ListenerType;
import com.hivemq.extension.sdk.api.services.Services;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * HiveMQ with our extension in this JVM. One at a time: HiveMQ's extension services are static.
 *
 * <p>Sessions are kept in files under the data directory and survive a killed process.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final AtomicBoolean OCCUPIED = new AtomicBoolean();
  private static final long START_TIMEOUT_SECONDS = 60;
  /** HiveMQ's default of 64 makes some hundred files and slows the start; ours are thousands of devices, not millions. */
  private static final int BUCKETS = 4;

  private final EmbeddedHiveMQ hiveMq;
  private final BrokerConfig config;
  private final OptionalInt managementPort;
  private final Map<ListenerType, Integer> ports;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedBroker(EmbeddedHiveMQ hiveMq, BrokerConfig config, Map<ListenerType, Integer> ports,
      OptionalInt managementPort) {
    this.hiveMq = hiveMq;
    this.config = config;
    this.ports = Map.copyOf(ports);
    this.managementPort = managementPort;
  }

  /**
   * Starts it and returns when devices can connect.
   *
   * @throws IllegalStateException if it cannot be started, or another one runs in this JVM
   */
  public static EmbeddedBroker start(BrokerConfig config) {
    if (!OCCUPIED.compareAndSet(false, true)) {
      throw new IllegalStateException("brokers in this JVM: 1 (expected: none)");
    }
    var uncaught = Thread.getDefaultUncaughtExceptionHandler();
    try {
      return startOnly(config);
    } catch (RuntimeException | Error e) {
      OCCUPIED.set(false);
      throw e;
    } finally {
      // HiveMQ installs its own for the whole JVM, which ends the process on some exceptions.
      Thread.setDefaultUncaughtExceptionHandler(uncaught);
    }
  }

  private static EmbeddedBroker startOnly(BrokerConfig config) {
    var extension = new OtaExtension(config);
    var hiveMq = EmbeddedHiveMQ.builder().withConfigurationFolder(writeConfiguration(config))
        .withDataFolder(directory(config.dataDir().resolve("hivemq")))
        .withExtensionsFolder(directory(config.dataDir().resolve("extensions")))
        .withEmbeddedExtension(EmbeddedExtension.builder().withId("ota-extension").withName("otaverify")
            .withVersion("1").withExtensionMain(extension).build())
        // It would take appenders off the host's root logger.
        .withoutLoggingBootstrap().build();
    // The builder lets everybody in; our extension decides about each login, this is for the case that it is not there.
    InternalConfigurations.AUTH_DENY_UNAUTHENTICATED_CONNECTIONS.set(true);
    InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(BUCKETS);
    InternalConfigurations.PAYLOAD_PERSISTENCE_BUCKET_COUNT.set(BUCKETS);
    InternalConfigurations.PERSISTENCE_SHUTDOWN_GRACE_PERIOD_MSEC.set(200);
    InternalConfigurations.JMX_REPORTER_ENABLED.set(false);
    try {
      hiveMq.start().get(START_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (!extension.isRunning()) {
        throw new IllegalStateException("extension: not running (expected: running; the log has the reason)");
      }
      var ports = Services.adminService().getServerInformation().getListener().stream()
          .collect(Collectors.toMap(Listener::getListenerType, Listener::getPort));
      return new EmbeddedBroker(hiveMq, config, ports, extension.managementPort());
    } catch (ExecutionException e) {
      closeQuietly(hiveMq, e);
      throw new IllegalStateException("HiveMQ could not be started", e.getCause());
    } catch (TimeoutException | RuntimeException e) {
      closeQuietly(hiveMq, e);
      throw new IllegalStateException("HiveMQ could not be started", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closeQuietly(hiveMq, e);
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The address that it listens at. */
  public String host() {
    return config.bindAddress();
  }

  /** The port that it listens at, without TLS. */
  public int port() {
    return Objects.requireNonNull(ports.get(ListenerType.TCP_LISTENER));
  }

  /** The port that it listens at with TLS; empty if that is not configured. */
  public OptionalInt tlsPort() {
    @Nullable
    Integer port = ports.get(ListenerType.TLS_TCP_LISTENER);
    return port == null ? OptionalInt.empty() : OptionalInt.of(port);
  }

  /** The port of {@link BrokerConfig.Management}; empty if that is not configured. */
  public OptionalInt managementPort() {
    return managementPort;
  }

  /** HiveMQ's metrics, and those of {@code dev.otaverify.*}. */
  public MetricRegistry metrics() {
    return hiveMq.getMetricRegistry();
  }

  /** Ends all sessions, tells Kafka, and stops; a repeat does nothing. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      hiveMq.close();
    } catch (ExecutionException e) {
      throw new IllegalStateException("HiveMQ could not be stopped", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      OCCUPIED.set(false);
    }
  }

  private static Path writeConfiguration(BrokerConfig config) {
    var directory = directory(config.dataDir().resolve("conf"));
    var xml = """
              <?xml version="1.0" encoding="UTF-8"?>
              <hivemq>
                <listeners>
                  <tcp-listener><port>%d</port><bind-address>%s</bind-address></tcp-listener>
                  %s
                </listeners>
                <persistence><mode>file</mode></persistence>
                <mqtt>
                  <session-expiry><max-interval>86400</max-interval></session-expiry>
                  <message-expiry><max-interval>86400</max-interval></message-expiry>
                  <packets><max-packet-size>1048576</max-packet-size></packets>
                </mqtt>
                <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
              </hivemq>
              """.formatted(config.mqttPort(), config.bindAddress(),
        config.tls().map(tls -> tlsListener(tls, config)).orElse(""));
    try {
      var file = directory.resolve("config.xml");
      Files.deleteIfExists(file);
      // It may hold the keystore's password.
      Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, xml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  private static String tlsListener(BrokerConfig.Tls tls, BrokerConfig config) {
    return """
           <tls-tcp-listener><port>%d</port><bind-address>%s</bind-address><tls><keystore><path>%s</path>
           <password>%4$s</password><private-key-password>%4$s</private-key-password></keystore></tls></tls-tcp-listener>
           """
        .formatted(tls.port(), config.bindAddress(), escaped(tls.keystore().toAbsolutePath().toString()),
            escaped(tls.password()));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static Path directory(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void closeQuietly(EmbeddedHiveMQ hiveMq, Exception reason) {
    try {
      hiveMq.close();
    } catch (ExecutionException e) {
      reason.addSuppressed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
