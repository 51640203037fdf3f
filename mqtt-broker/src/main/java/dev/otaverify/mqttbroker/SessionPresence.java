// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.events.client.ClientLifecycleEventListener;
import com.hivemq.extension.sdk.api.events.client.parameters.AuthenticationSuccessfulInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ConnectionStartInput;
import com.hivemq.extension.sdk.api.events.client.parameters.DisconnectEventInput;
import com.hivemq.extension.sdk.api.interceptor.connack.ConnackOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.connack.parameter.ConnackOutboundInput;
import com.hivemq.extension.sdk.api.interceptor.connack.parameter.ConnackOutboundOutput;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import dev.otaverify.contracts.DeviceId;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The beginning and end of a device's session.
 *
 * <p>It begins while the CONNACK is held back: HiveMQ has the session by then, and gives nothing of what the device
 * publishes to anybody before the CONNACK is out. First the device is subscribed, then Connected is handed to Kafka, then
 * the CONNACK goes. So whoever reads Connected and pushes finds the device subscribed, and a report of the session can
 * only stand behind Connected. The CONNACK does not wait for Kafka's answer: it acknowledges nothing that the device
 * said, and pushes of an earlier session must not meet a device without a CONNACK for longer than necessary.
 */
final class SessionPresence implements ConnackOutboundInterceptor, ClientLifecycleEventListener {
  private static final Logger log = LoggerFactory.getLogger(SessionPresence.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final Presence presence;
  private final Credentials credentials;

  SessionPresence(Presence presence, Credentials credentials) {
    this.presence = presence;
    this.credentials = credentials;
  }

  @Override
  public void onOutboundConnack(ConnackOutboundInput input, ConnackOutboundOutput output) {
    var notes = new ConnectionNotes(input.getConnectionInformation());
    var device = notes.device();
    if (device.isEmpty() || input.getConnackPacket().getReasonCode() != ConnackReasonCode.SUCCESS) {
      return;
    }
    long session = presence.begin(device.get());
    notes.session(session);
    var clientId = input.getClientInformation().getClientId();
    // If this is never resumed, the connection is closed without a CONNACK.
    var async = output.async(TIMEOUT, TimeoutFallback.FAILURE);
    var unused = (notes.wantsImplicitSubscriptions()
        ? subscribe(clientId, device.get())
        : CompletableFuture.<@Nullable Void>completedFuture(null)).whenComplete((subscribed, failure) -> {
          if (failure != null) {
            giveUp(clientId, device.get(), session, failure);
            return;
          }
          // From here on who revokes finds the session and ends it.
          if (credentials.isRevokedSince(device.get(), notes.loginBegan())) {
            giveUp(clientId, device.get(), session, new IllegalStateException("device: disabled or deleted meanwhile"));
            return;
          }
          var announced = presence.announce(session, address(input.getConnectionInformation()));
          async.resume();
          var ignored = announced.whenComplete((ok, notAnnounced) -> {
            if (notAnnounced != null) {
              giveUp(clientId, device.get(), session, notAnnounced);
            }
          });
        });
  }

  private static CompletableFuture<@Nullable Void> subscribe(String clientId, DeviceId device) {
    return Services.subscriptionStore().addSubscriptions(clientId,
        new DeviceTopics(device).implicitSubscriptions().stream()
            .map(topic -> Builders.topicSubscription().topicFilter(topic).qos(Qos.AT_LEAST_ONCE).build())
            .collect(Collectors.toSet()));
  }

  private void giveUp(String clientId, DeviceId device, long session, Throwable reason) {
    log.atWarn().addKeyValue("device", device).addKeyValue("reason", reason.toString())
        .log("a session could not begin; its device is disconnected");
    presence.end(session);
    var unused = Services.clientService().disconnectClient(clientId, false, DisconnectReasonCode.SERVER_BUSY, null);
  }

  private static @Nullable String address(ConnectionInformation connection) {
    return connection.getInetAddress().map(InetAddress::getHostAddress).orElse(null);
  }

  @Override
  public void onDisconnect(DisconnectEventInput input) {
    new ConnectionNotes(input.getConnectionInformation()).session().ifPresent(presence::end);
  }

  @Override
  public void onMqttConnectionStart(ConnectionStartInput input) {}

  @Override
  public void onAuthenticationSuccessful(AuthenticationSuccessfulInput input) {}
}
