// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import dev.otaverify.contracts.DeviceId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** An MQTT client of the tests, with what it has received as {@code topic payload}. */
final class TestClient implements AutoCloseable {
  static final String SECRET = "devsecret0123456789";

  private final Mqtt3AsyncClient client;
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final CompletableFuture<String> gone = new CompletableFuture<>();

  private TestClient(int port, String clientId, String userName, String password,
      @Nullable TrustManagerFactory trusted) {
    var builder = Mqtt3Client.builder().serverHost("127.0.0.1").serverPort(port).identifier(clientId).simpleAuth()
        .username(userName).password(password.getBytes(StandardCharsets.UTF_8)).applySimpleAuth()
        .addDisconnectedListener(context -> gone.complete(String.valueOf(context.getCause().getMessage())));
    client = (trusted == null ? builder : builder.sslConfig().trustManagerFactory(trusted).applySslConfig())
        .buildAsync();
    client.publishes(MqttGlobalPublishFilter.ALL, this::onMessage);
  }

  /** A device; its client id differs each time, as that of real ones that put the time into it. */
  static TestClient device(int port, DeviceId device, String secret, boolean implicitSubscriptions) {
    return device(port, device, secret, implicitSubscriptions, null);
  }

  /** @param trusted if not null, it connects over TLS and trusts these */
  static TestClient device(int port, DeviceId device, String secret, boolean implicitSubscriptions,
      @Nullable TrustManagerFactory trusted) {
    var id = UUID.randomUUID().toString();
    var clientId = id + "|securemode=3,signmethod=hmacsha256,timestamp=2524608000000"
        + (implicitSubscriptions ? ",_ss=1" : "") + "|";
    var content = "clientId" + id + "deviceName" + device.deviceName() + "productKey" + device.productKey()
        + "timestamp2524608000000";
    return new TestClient(port, clientId, device.deviceName() + "&" + device.productKey(), hmac(secret, content),
        trusted);
  }

  static TestClient login(int port, String clientId, String userName, String password) {
    return new TestClient(port, clientId, userName, password, null);
  }

  TestClient connect() {
    return connect(true);
  }

  TestClient connect(boolean cleanSession) {
    join(tryToConnect(cleanSession));
    return this;
  }

  CompletableFuture<?> tryToConnect(boolean cleanSession) {
    return client.connectWith().cleanSession(cleanSession).keepAlive(60).send();
  }

  /** Fails if the broker refuses it. */
  TestClient subscribe(String topic) {
    join(trySubscribe(topic));
    return this;
  }

  CompletableFuture<?> trySubscribe(String topic) {
    return client.subscribeWith().topicFilter(topic).qos(MqttQos.AT_LEAST_ONCE).send();
  }

  /** Returns when it is acknowledged. */
  void publish(String topic, String payload) {
    join(tryToPublish(topic, payload, MqttQos.AT_LEAST_ONCE));
  }

  CompletableFuture<?> tryToPublish(String topic, String payload, MqttQos qos) {
    return client.publishWith().topic(topic).qos(qos).payload(payload.getBytes(StandardCharsets.UTF_8)).send();
  }

  List<String> received() {
    return received;
  }

  /** Why the connection is gone, once it is. */
  CompletableFuture<String> gone() {
    return gone;
  }

  void disconnect() {
    join(client.disconnect());
  }

  private void onMessage(Mqtt3Publish message) {
    received.add(message.getTopic() + " " + new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));
  }

  private static void join(CompletableFuture<?> future) {
    try {
      future.get(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hmac(String secret, String content) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    var unused = client.disconnect();
  }
}
