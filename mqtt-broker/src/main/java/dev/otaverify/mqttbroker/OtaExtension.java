// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.time.Clock;
import java.time.Duration;
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

  private record Running(KafkaDeviceLog deviceLog, Credentials credentials, Presence presence) {
    void stop() {
      // Sessions end first: the log still takes, and waits for, what they write.
      presence.close();
      deviceLog.close();
      credentials.close();
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
    var clock = Clock.systemUTC();
    var deviceLog = new KafkaDeviceLog(config.kafkaBootstrapServers(), config.kafkaTimeout());
    // Without Kafka the broker starts all the same, and refuses devices until it is there.
    boolean ready = deviceLog.awaitReady(config.kafkaTimeout());
    log.atInfo().addKeyValue("kafka", ready).addKeyValue("config", config).log("the extension starts");
    var presence = new Presence(deviceLog, new PresenceMarks(config.dataDir().resolve("online")), clock);
    presence.endLeftOvers();
    var credentials = new Credentials(config.credentialsUrl(), config.internalToken(), System::nanoTime);
    var login = new Login(config, credentials, deviceLog);
    var sessions = new SessionPresence(presence);
    var clientIds = new ClientIdReplacement(config.serviceUser());
    var reports = new Reports(deviceLog, clock, config.kafkaTimeout().plus(MARGIN), Services.metricRegistry());
    Services.securityRegistry().setAuthenticatorProvider(input -> login);
    Services.interceptorRegistry().setConnectInboundInterceptorProvider(input -> clientIds);
    Services.interceptorRegistry().setConnackOutboundInterceptorProvider(input -> sessions);
    Services.eventRegistry().setClientLifecycleEventListener(input -> sessions);
    Services.initializerRegistry()
        .setClientInitializer((input, client) -> new ConnectionNotes(input.getConnectionInformation()).device()
            .ifPresent(device -> client.addPublishInboundInterceptor(reports.of(device))));
    return new Running(deviceLog, credentials, presence);
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

  synchronized boolean isRunning() {
    return running != null;
  }
}
