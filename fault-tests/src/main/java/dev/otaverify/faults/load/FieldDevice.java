// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.load;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.Wire;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.history.History.Heard;
import dev.otaverify.faults.history.History.Kind;
import dev.otaverify.faults.history.History.Said;
import dev.otaverify.simulator.Signing;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A device in the field, over real MQTT, that does what it is told to do and writes down what it said and heard. What is not
 * acknowledged it says again, as the vendor's SDKs do, for as long as it is at that upgrade.
 */
public final class FieldDevice implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration STEP = Duration.ofMillis(900);
  private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(3)).build();

  private final DeviceId device;
  private final String secret;
  private final int port;
  private final History history;
  private final AtomicLong messageId = new AtomicLong();
  private final List<Message> ofThisUpgrade = new ArrayList<>();
  private volatile Plan plan = new Plan("", Script.SUCCEED, Duration.ZERO);
  private volatile String version = "1.0.0";
  private volatile boolean running = true;
  private volatile @Nullable Mqtt3AsyncClient client;
  private @Nullable Thread upgrade;
  private @Nullable String upgrading;
  private @Nullable Thread connection;

  /** What a device does about an upgrade. */
  public enum Script {
    /** All that it should. */
    SUCCEED,
    /** Says so with -1. */
    FAIL_UPGRADE,
    /** Says so with -2. */
    FAIL_DOWNLOAD,
    /** Says so with -3. */
    FAIL_DIGEST,
    /** Says so with -4. */
    FAIL_BURN,
    /** Hears it and does nothing. */
    SILENT,
    /** Begins and is never done. */
    STUCK,
    /** Comes back with another version. */
    WRONG_VERSION,
    /** Does all that it should after its time is over. */
    LATE,
    /** Does all that it should, and reports every few percent on the way. */
    SLOW,
    /** Does all that it should, says everything several times and in any order. */
    CHATTERING
  }

  /**
   * What to do about a version.
   *
   * @param late how long the late one waits
   */
  public record Plan(String version, Script script, Duration late) {}

  private record Message(Kind kind, String value) {}

  /** Not connected yet. */
  public FieldDevice(DeviceId device, String secret, int port, History history) {
    this.device = device;
    this.secret = secret;
    this.port = port;
    this.history = history;
  }

  /** Its name. */
  public String name() {
    return device.deviceName().value();
  }

  /** What it will do when it is pushed. */
  public void plan(Plan next) {
    plan = next;
  }

  /** Connects, and again whenever it is not. */
  public void start() {
    connection = Thread.ofVirtual().name("connection-" + name()).start(this::stayConnected);
  }

  private void stayConnected() {
    try {
      while (running) {
        if (!isConnected()) {
          connect();
        }
        Thread.sleep(500);
      }
    } catch (InterruptedException e) {
      // Switched off.
    }
  }

  private boolean isConnected() {
    var now = client;
    return now != null && now.getState().isConnected();
  }

  private void connect() throws InterruptedException {
    var fresh = Mqtt3Client.builder().serverHost("127.0.0.1").serverPort(port)
        .identifier(Signing.HMAC_SHA256.clientId(name(), true)).simpleAuth().username(Signing.userName(device))
        .password(Signing.HMAC_SHA256.password(name(), device, secret).getBytes(StandardCharsets.US_ASCII))
        .applySimpleAuth().buildAsync();
    fresh.publishes(MqttGlobalPublishFilter.ALL, this::onMessage);
    try {
      fresh.connectWith().cleanSession(true).keepAlive(10).send().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      client = fresh;
      // Once, as a device does that comes online; what of it is lost is said at the next connection.
      Thread.ofVirtual().start(() -> {
        try {
          send(new Message(Kind.VERSION, version));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
    } catch (ExecutionException | TimeoutException e) {
      var unused = fresh.disconnect();
    }
  }

  /** Says a message; whether it was acknowledged. */
  private boolean send(Message message) throws InterruptedException {
    var now = client;
    if (now == null) {
      return false;
    }
    var begun = Instant.now();
    @Nullable
    Instant acknowledged = null;
    try {
      now.publishWith().topic(topic(message.kind())).qos(MqttQos.AT_LEAST_ONCE).payload(payload(message)).send()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      acknowledged = Instant.now();
      return true;
    } catch (ExecutionException | TimeoutException e) {
      // One that is not acknowledged in time is given up, and with it the connection.
      var unused = now.disconnect();
      return false;
    } finally {
      history.add(new Said(name(), message.kind(), message.value(), begun, acknowledged));
    }
  }

  private String topic(Kind kind) {
    return "/ota/device/" + switch (kind) {
      case VERSION -> "inform";
      case PROGRESS -> "progress";
    } + "/" + device.productKey() + "/" + device.deviceName();
  }

  private byte[] payload(Message message) {
    var params = new LinkedHashMap<String, String>();
    switch (message.kind()) {
      case VERSION -> params.put("version", message.value());
      case PROGRESS -> params.putAll(Map.of("step", message.value(), "desc", ""));
    }
    return Wire.JSON.writeValueAsBytes(Map.of("id", Long.toString(messageId.incrementAndGet()), "params", params));
  }

  private void onMessage(Mqtt3Publish message) {
    if (!message.getTopic().toString().startsWith("/ota/device/upgrade/")) {
      return;
    }
    try {
      var push = Wire.JSON.readTree(message.getPayloadAsBytes());
      var data = push.path("data");
      var target = data.path("version").asString("");
      history.add(new Heard(name(), target, push.path("id").asInt(0), Instant.now()));
      begin(target, data.path("url").asString(""), data.path("size").asInt(0));
    } catch (JacksonException e) {
      history.add(new Heard(name(), "unreadable", 0, Instant.now()));
    }
  }

  private synchronized void begin(String target, String url, int size) {
    if (upgrade != null && upgrade.isAlive()) {
      if (target.equals(upgrading)) {
        return;
      }
      upgrade.interrupt();
    }
    synchronized (ofThisUpgrade) {
      ofThisUpgrade.clear();
    }
    upgrading = target;
    var toDo = plan;
    upgrade = Thread.ofVirtual().name("upgrade-" + name()).start(() -> {
      try {
        if (toDo.version().equals(target)) {
          perform(toDo, url, size);
        }
      } catch (InterruptedException e) {
        // Another one has come.
      }
    });
  }

  private void perform(Plan toDo, String url, int size) throws InterruptedException {
    if (toDo.script() == Script.SILENT) {
      return;
    }
    if (toDo.script() == Script.LATE) {
      Thread.sleep(toDo.late());
    }
    if (version.equals(toDo.version())) {
      say(new Message(Kind.VERSION, version));
      return;
    }
    say(new Message(Kind.PROGRESS, "0"));
    if (!download(url, size)) {
      say(new Message(Kind.PROGRESS, "-2"));
      return;
    }
    say(new Message(Kind.PROGRESS, "50"));
    switch (toDo.script()) {
      case FAIL_UPGRADE -> say(new Message(Kind.PROGRESS, "-1"));
      case FAIL_DOWNLOAD -> say(new Message(Kind.PROGRESS, "-2"));
      case FAIL_DIGEST -> say(new Message(Kind.PROGRESS, "-3"));
      case FAIL_BURN -> say(new Message(Kind.PROGRESS, "-4"));
      case STUCK -> {
      }
      case WRONG_VERSION -> finish(toDo.version() + "-wrong");
      case SUCCEED, LATE, SILENT -> finish(toDo.version());
      case SLOW -> {
        for (int percent = 51; percent < 100; percent += 4) {
          say(new Message(Kind.PROGRESS, Integer.toString(percent)));
          Thread.sleep(STEP);
        }
        finish(toDo.version());
      }
      case CHATTERING -> {
        finish(toDo.version());
        repeatInAnyOrder(new Random(toDo.hashCode()));
      }
    }
  }

  private void finish(String reached) throws InterruptedException {
    say(new Message(Kind.PROGRESS, "100"));
    version = reached;
    say(new Message(Kind.VERSION, reached));
  }

  /** Until it is acknowledged. */
  private void say(Message message) throws InterruptedException {
    synchronized (ofThisUpgrade) {
      ofThisUpgrade.add(message);
    }
    while (!send(message)) {
      Thread.sleep(300);
    }
  }

  /** Says all messages of its present upgrade again, shuffled, as a network that repeats and reorders would. */
  public void repeatInAnyOrder(Random random) throws InterruptedException {
    List<Message> again;
    synchronized (ofThisUpgrade) {
      again = new ArrayList<>(ofThisUpgrade);
    }
    again.addAll(List.copyOf(again));
    Collections.shuffle(again, random);
    for (var message : again) {
      send(message);
    }
  }

  private static boolean download(String url, int size) throws InterruptedException {
    for (int attempt = 1; attempt <= 20; attempt++) {
      try {
        var request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
        var response = HTTP.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() == 200 && response.body().length == size) {
          return true;
        }
      } catch (IOException | IllegalArgumentException e) {
        // A gateway that is away; the next may be there.
      }
      Thread.sleep(300);
    }
    return false;
  }

  /** Switches it off; after this it says nothing. A second call does nothing. */
  @Override
  public void close() {
    running = false;
    try {
      for (var thread : new Thread[]{upgrade, connection}) {
        if (thread != null) {
          thread.interrupt();
          thread.join(PATIENCE);
        }
      }
      var now = client;
      if (now != null && now.getState().isConnected()) {
        now.disconnect().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // It is off all the same.
    }
  }
}
