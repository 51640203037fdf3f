// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.simulator.Signing;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A device that costs next to nothing: a connection on an event loop that all share, no download and no pauses. What it says and hears is
 * what any device does, at QoS 1; it sends a report when the one before is acknowledged.
 *
 * <pre>
 *   connect ─▶ subscribe ─▶ version ─▶ idle ──push──▶ 50 % ─▶ 100 % ─▶ new version ─▶ idle
 * </pre>
 *
 * <p>Is only touched by its event loop.
 */
final class Device extends SimpleChannelInboundHandler<MqttMessage> {
  private static final String FIRST_VERSION = "1.0.0";
  private static final List<Integer> STEPS = List.of(50, 100);
  private static final Pattern VERSION = Pattern.compile("\"version\":\"([^\"]+)\"");

  private final DeviceId id;
  private final Runnable onUpgraded;
  private final CompletableFuture<@Nullable Void> informed = new CompletableFuture<>();
  private String version = FIRST_VERSION;
  /** What it is being upgraded to; null while it is idle. */
  private @Nullable String target;
  private int stepsReported;
  private int packetId;

  /** @param onUpgraded is called when it has sent its new version */
  Device(DeviceId id, Runnable onUpgraded) {
    this.id = id;
    this.onUpgraded = onUpgraded;
  }

  DeviceId id() {
    return id;
  }

  /** What a device of this name logs in with. */
  static String secret(DeviceId id) {
    return "secret-of-" + id.deviceName();
  }

  /** Done when its version is acknowledged for the first time; fails if it cannot connect. */
  CompletableFuture<@Nullable Void> informed() {
    return informed;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    var name = id.productKey() + "." + id.deviceName();
    send(context, MqttMessageBuilders.connect().protocolVersion(MqttVersion.MQTT_3_1_1).cleanSession(true).keepAlive(0)
        .clientId(Signing.HMAC_SHA256.clientId(name, false)).username(Signing.userName(id))
        .password(Signing.HMAC_SHA256.password(name, id, secret(id)).getBytes(StandardCharsets.US_ASCII)).build());
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
    if (message.decoderResult().isFailure()) {
      throw new IllegalStateException(id + ": unreadable (expected: MQTT)", message.decoderResult().cause());
    }
    switch (message) {
      case MqttConnAckMessage answer -> connected(context, answer.variableHeader().connectReturnCode());
      case MqttPublishMessage push -> {
        var unused = context.write(
            MqttMessageBuilders.pubAck().packetId(push.variableHeader().packetId()).build(), context.voidPromise());
        pushed(context, push.payload().toString(StandardCharsets.UTF_8));
        context.flush();
      }
      default -> {
        switch (message.fixedHeader().messageType()) {
          case SUBACK -> informs(context);
          case PUBACK -> acknowledged(context);
          default -> throw new IllegalStateException(
              id + ": " + message.fixedHeader().messageType() + " (expected: nothing like that)");
        }
      }
    }
  }

  private void connected(ChannelHandlerContext context, MqttConnectReturnCode code) {
    if (code != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
      throw new IllegalStateException(id + ": " + code + " (expected: to be let in)");
    }
    send(context, MqttMessageBuilders.subscribe().messageId(nextPacketId())
        .addSubscription(MqttQoS.AT_LEAST_ONCE, topic("upgrade")).build());
  }

  private void pushed(ChannelHandlerContext context, String payload) {
    var found = VERSION.matcher(payload);
    if (!found.find()) {
      throw new IllegalStateException(id + ": " + payload + " (expected: a version)");
    }
    if (target != null) {
      // Told again, and at it.
      return;
    }
    if (found.group(1).equals(version)) {
      informs(context);
    } else {
      target = found.group(1);
      stepsReported = 0;
      reports(context, target);
    }
  }

  private void acknowledged(ChannelHandlerContext context) {
    if (target != null) {
      reports(context, target);
    } else {
      informed.complete(null);
    }
  }

  private void reports(ChannelHandlerContext context, String to) {
    if (stepsReported < STEPS.size()) {
      publish(context, "progress", "\"step\":\"" + STEPS.get(stepsReported) + "\",\"desc\":\"\"");
      stepsReported++;
    } else {
      version = to;
      target = null;
      informs(context);
      onUpgraded.run();
    }
  }

  private void informs(ChannelHandlerContext context) {
    publish(context, "inform", "\"version\":\"" + version + "\"");
  }

  private void publish(ChannelHandlerContext context, String kind, String params) {
    int packet = nextPacketId();
    var payload = "{\"id\":\"" + packet + "\",\"params\":{" + params + ",\"module\":\"default\"}}";
    send(context, MqttMessageBuilders.publish().topicName(topic(kind)).qos(MqttQoS.AT_LEAST_ONCE).messageId(packet)
        .payload(Unpooled.wrappedBuffer(payload.getBytes(StandardCharsets.UTF_8))).build());
  }

  private static void send(ChannelHandlerContext context, MqttMessage message) {
    // What fails comes to exceptionCaught.
    var unused = context.writeAndFlush(message, context.voidPromise());
  }

  private int nextPacketId() {
    packetId = packetId % 0xffff + 1;
    return packetId;
  }

  private String topic(String kind) {
    return "/ota/device/" + kind + "/" + id.key();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    informed.completeExceptionally(new IllegalStateException(id + ": disconnected (expected: to be let in)"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    informed.completeExceptionally(cause);
    var unused = context.close();
  }
}
