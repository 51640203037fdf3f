// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeviceTest {
  private final AtomicInteger upgraded = new AtomicInteger();
  private final Device device = new Device(new DeviceId(new ProductKey("a1aaaaaaaaa"), new DeviceName("verify-00000")),
      upgraded::incrementAndGet);
  private final EmbeddedChannel channel = new EmbeddedChannel(device);

  @Test
  void itSubscribesBeforeItReportsItsVersion() {
    assertThat(said()).containsExactly("CONNECT");

    channel.writeInbound(
        MqttMessageBuilders.connAck().returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED).build());
    assertThat(said()).containsExactly("SUBSCRIBE");

    channel.writeInbound(MqttMessageBuilders.subAck().packetId(1).addGrantedQos(MqttQoS.AT_LEAST_ONCE).build());
    assertThat(said()).containsExactly("inform {\"version\":\"1.0.0\",\"module\":\"default\"}");
    assertThat(device.informed()).isNotDone();

    acknowledge();
    assertThat(device.informed()).isCompleted();
  }

  @Test
  void itReportsProgressTwiceAndThenItsNewVersionEachWhenTheOneBeforeIsAcknowledged() {
    said();

    push("2.0.7");
    assertThat(said()).containsExactly("PUBACK", "progress {\"step\":\"50\",\"desc\":\"\",\"module\":\"default\"}");
    acknowledge();
    assertThat(said()).containsExactly("progress {\"step\":\"100\",\"desc\":\"\",\"module\":\"default\"}");
    assertThat(upgraded).hasValue(0);
    acknowledge();
    assertThat(said()).containsExactly("inform {\"version\":\"2.0.7\",\"module\":\"default\"}");
    assertThat(upgraded).hasValue(1);
    acknowledge();
    assertThat(said()).isEmpty();
  }

  @Test
  void aPushThatComesAgainIsNoOtherUpgrade() {
    said();
    push("2.0.7");
    said();

    push("2.0.7");
    assertThat(said()).containsExactly("PUBACK");
    acknowledge();
    acknowledge();
    said();
    push("2.0.7");
    assertThat(said()).containsExactly("PUBACK", "inform {\"version\":\"2.0.7\",\"module\":\"default\"}");
    assertThat(upgraded).hasValue(1);
  }

  @Test
  void oneThatIsNotLetInSaysSo() {
    channel.writeInbound(
        MqttMessageBuilders.connAck().returnCode(MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED).build());

    assertThat(device.informed()).isCompletedExceptionally();
    assertThat(channel.isOpen()).isFalse();
  }

  private void push(String version) {
    var payload = "{\"code\":\"1000\",\"data\":{\"size\":1,\"version\":\"" + version + "\"}}";
    channel.writeInbound(MqttMessageBuilders.publish().topicName("/ota/device/upgrade/a1aaaaaaaaa/verify-00000")
        .qos(MqttQoS.AT_LEAST_ONCE).messageId(9)
        .payload(Unpooled.wrappedBuffer(payload.getBytes(StandardCharsets.UTF_8))).build());
  }

  private void acknowledge() {
    channel.writeInbound(MqttMessageBuilders.pubAck().packetId(1).build());
  }

  /** What it has sent since the last time: what the packet is, of a report the kind and the parameters. */
  private List<String> said() {
    var said = new ArrayList<String>();
    for (MqttMessage message = channel.readOutbound(); message != null; message = channel.readOutbound()) {
      said.add(message instanceof MqttPublishMessage report
          ? report.variableHeader().topicName().split("/", -1)[3] + " "
              + report.payload().toString(StandardCharsets.UTF_8).replaceAll("^.*\"params\":(.*)}$", "$1")
          : message.fixedHeader().messageType().name());
    }
    return said;
  }
}
