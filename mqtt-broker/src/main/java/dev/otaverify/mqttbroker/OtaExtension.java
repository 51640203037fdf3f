// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.exception.NoSuchClientIdException;
import dev.otaverify.contracts.DeviceId;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The extension: puts the pieces together and hands them to HiveMQ. */
public final class OtaExtension implements ExtensionMain {
  private static final Logger log = LoggerFactory.getLogger(OtaExtension.class);
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final Supplier<BrokerConfig> configuration;
  private @Nullable Running running;

  private record Running(KafkaDeviceLog deviceLog, Credentials credentials, Presence presence, RegistryWatch watch,
      Optional<ManagementServer> management) {
    void stop() {
      // Sessions end first: the log still takes, and waits for, what they write.
      watch.close();
      presence.close();
      deviceLog.close();
      credentials.close();
      management.ifPresent(ManagementServer::close);
    }
  }

  /** For a HiveMQ that loads the extension from its folder: configured by environment variables. */
  public OtaExtension() {
    this(() -> BrokerConfig.fromEnvironment(System.getenv()));
  }

  OtaExtension(BrokerConfig config) {
    this(() -> config);
  }

  private OtaExtension(Supplier<BrokerConfig> configuration) {
    this.configuration = configuration;
  }

  @Override
  public synchronized void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
    try {
      running = start(configuration.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      output.preventExtensionStartup("interrupted");
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("the extension could not be started");
      output.preventExtensionStartup(String.valueOf(e.getMessage()));
    }
  }

  private static Running start(BrokerConfig config) throws InterruptedException {
    var deviceLog = new KafkaDeviceLog(config.kafkaBootstrapServers(), config.kafkaTimeout());
    var presence = new Presence(deviceLog, new PresenceMarks(config.dataDir().resolve("online")), Clock.systemUTC());
    var credentials = new Credentials(config.credentialsUrl(), config.internalToken(), System::nanoTime);
    var watch = new RegistryWatch(config.kafkaBootstrapServers(), ending(credentials));
    var started = new AtomicBoolean();
    BooleanSupplier lettingIn = () -> deviceLog.isReady() && watch.isReady();
    var management = config.management().map(
        at -> management(at, presence, deviceLog,
            () -> started.get() && lettingIn.getAsBoolean() && watch.isConnected()));
    var running = new Running(deviceLog, credentials, presence, watch, management);
    try {
      // Without Kafka the broker starts all the same, and refuses devices until it is there.
      boolean ready = deviceLog.awaitReady(config.kafkaTimeout());
      log.atInfo().addKeyValue("kafka", ready).addKeyValue("config", config).log("the extension starts");
      presence.endLeftOvers();
      awaitReady(watch, config.kafkaTimeout());
      register(config, running, lettingIn);
      started.set(true);
      return running;
    } catch (RuntimeException | InterruptedException e) {
      running.stop();
      throw e;
    }
  }

  private static void register(BrokerConfig config, Running running, BooleanSupplier lettingIn) {
    var login = new Login(config, running.credentials(), lettingIn, new FailedLogins(System::nanoTime),
        Services.metricRegistry());
    var sessions = new SessionPresence(running.presence(), running.credentials());
    var clientIds = new ClientIdReplacement(config.serviceUser());
    var reports = new Reports(running.deviceLog(), Clock.systemUTC(), config.kafkaTimeout().plus(MARGIN),
        Services.metricRegistry());
    Services.securityRegistry().setAuthenticatorProvider(input -> login);
    Services.interceptorRegistry().setConnectInboundInterceptorProvider(input -> clientIds);
    Services.interceptorRegistry().setConnackOutboundInterceptorProvider(input -> sessions);
    Services.eventRegistry().setClientLifecycleEventListener(input -> sessions);
    Services.initializerRegistry()
        .setClientInitializer((input, client) -> new ConnectionNotes(input.getConnectionInformation()).device()
            .ifPresent(device -> client.addPublishInboundInterceptor(reports.of(device))));
  }

  /** There from the start on, so that whoever watches sees what it waits for. */
  private static ManagementServer management(BrokerConfig.Management at, Presence presence, KafkaDeviceLog deviceLog,
      BooleanSupplier ready) {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new BrokerMetrics(Services.metricRegistry(), registry).register(presence::size, deviceLog::bytesUnderWay,
        () -> ready.getAsBoolean() ? 1 : 0);
    var server = new ManagementServer(at, registry, ready);
    log.info("metrics at http://{}:{}/actuator/prometheus", at.bindAddress(), server.port());
    return server;
  }

  private static void awaitReady(RegistryWatch watch, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!watch.isReady() && System.nanoTime() - deadline < 0) {
      Thread.sleep(10);
    }
  }

  /** Ends the connection of a device that may no longer be here. */
  private static RegistryWatch.Listener ending(Credentials credentials) {
    return new RegistryWatch.Listener() {
      @Override
      public void disabled(DeviceId device) {
        credentials.revoke(device);
        var unused = Services.clientService().disconnectClient(device.key(), false,
            DisconnectReasonCode.ADMINISTRATIVE_ACTION, "device is disabled")
            .whenComplete((was, failure) -> ended(device, Boolean.TRUE.equals(was), failure));
      }

      @Override
      public void deleted(DeviceId device) {
        credentials.revoke(device);
        // With all that waits for it: another device may get the name.
        var unused = Services.clientService().invalidateSession(device.key())
            .whenComplete((was, failure) -> ended(device, Boolean.TRUE.equals(was), failure));
      }

      private void ended(DeviceId device, boolean was, @Nullable Throwable failure) {
        if (failure != null && !(failure instanceof NoSuchClientIdException)) {
          log.atError().addKeyValue("device", device).setCause(failure).log("a device could not be disconnected");
        } else if (was) {
          log.atInfo().addKeyValue("device", device).log("a device that may no longer be here was disconnected");
        }
      }
    };
  }

  @Override
  public synchronized void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
    @Nullable
    Running stopping = running;
    running = null;
    if (stopping != null) {
      stopping.stop();
    }
  }

  /** Where metrics are; empty if that is not configured or it does not run. */
  synchronized OptionalInt managementPort() {
    @Nullable
    Running current = running;
    return current == null
        ? OptionalInt.empty()
        : current.management().map(server -> OptionalInt.of(server.port())).orElseGet(OptionalInt::empty);
  }

  synchronized boolean isRunning() {
    return running != null;
  }
}
