// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import dev.otaverify.contracts.Wire;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What Link SDK C sends: its client id, its way to sign, reports without acknowledgement, ids as numbers. */
final class LinkSdkC implements AutoCloseable {
  final Mqtt3AsyncClient client;
  private final String product;
  private final String name;
  final List<String> topics = new CopyOnWriteArrayList<>();
  final List<String> urls = new CopyOnWriteArrayList<>();

  LinkSdkC(int port, String product, String name, String secret, boolean announces) throws Exception {
    this.product = product;
    this.name = name;
    var clientId = product + "." + name;
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    var password = HexFormat.of().withUpperCase().formatHex(mac.doFinal(("clientId" + clientId + "deviceName" + name
        + "productKey" + product + "timestamp2524608000000").getBytes(StandardCharsets.UTF_8)));
    client = Mqtt3Client.builder().serverHost("127.0.0.1").serverPort(port)
        .identifier(clientId + "|timestamp=2524608000000," + (announces ? "_ss=1," : "")
            + "_v=sdk-c-4.1.0,securemode=3,signmethod=hmacsha256,ext=3,|")
        .simpleAuth().username(name + "&" + product).password(password.getBytes(StandardCharsets.UTF_8))
        .applySimpleAuth().buildAsync();
    client.publishes(MqttGlobalPublishFilter.ALL, this::onMessage);
    client.connect().get(60, TimeUnit.SECONDS);
    publish("inform", "{\"id\":1,\"params\":{\"version\":\"1.0.0\"}}");
  }

  private void onMessage(Mqtt3Publish message) {
    topics.add(message.getTopic().toString());
    var data = Wire.JSON.readTree(message.getPayloadAsBytes()).path("data");
    if (!urls.isEmpty() || !data.has("url")) {
      return;
    }
    urls.add(data.path("url").asString());
    publish("progress", "{\"id\":2,\"params\":{\"step\":\"50\",\"desc\":\"\"}}");
    // Not on the client's own thread.
    Thread.startVirtualThread(() -> download(data.path("url").asString(), data.path("sign").asString(),
        data.path("signMethod").asString()));
  }

  private void download(String url, String sign, String signMethod) {
    try (var http = HttpClient.newHttpClient()) {
      var body = http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofByteArray())
          .body();
      var digest = MessageDigest.getInstance(signMethod.equalsIgnoreCase("Md5") ? "MD5" : "SHA-256").digest(body);
      if (HexFormat.of().formatHex(digest).equals(sign.toLowerCase(Locale.ROOT))) {
        publish("inform", "{\"id\":3,\"params\":{\"version\":\"2.0.0\"}}");
      }
    } catch (Exception e) {
      publish("progress",
          "{\"id\":3,\"params\":{\"step\":\"-2\",\"desc\":\"" + e.getClass().getSimpleName() + "\"}}");
    }
  }

  void publish(String kind, String payload) {
    var unused = client.publishWith().topic("/ota/device/" + kind + "/" + product + "/" + name)
        .qos(MqttQos.AT_MOST_ONCE).payload(payload.getBytes(StandardCharsets.UTF_8)).send();
  }

  @Override
  public void close() {
    client.disconnect().exceptionally(notConnected -> null).orTimeout(60, TimeUnit.SECONDS).join();
  }
}
