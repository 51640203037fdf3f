// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device. It connects and reconnects by itself, reports its version after every connection, and upgrades when it is
 * told to:
 *
 * <pre>
 *   idle ──push──▶ downloading (steps 0…100) ──▶ checked ──▶ rebooting ──▶ idle, with the new version
 *                      │ broken too often: -2      │ not what was announced: -3
 *                      └────────▶ idle ◀───────────┘ told to fail: that step
 * </pre>
 *
 * <p>It costs a connection, and a virtual thread while it upgrades; ten thousand fit into a process.
 */
public final class SimulatedDevice implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SimulatedDevice.class);
  private static final int DOWNLOAD_FAILED = -2;
  private static final int DIGEST_FAILED = -3;
  private static final int STRIDE = 10;
  private static final int STRIDES = 100 / STRIDE;
  private static final int FLAP_EVERY = 3 * STRIDE;
  private static final int REPORT_ATTEMPTS = 10;
  private static final Duration OFFLINE_AT_MOST = Duration.ofSeconds(30);
  private static final Duration REBOOT = Duration.ofMillis(200);

  private final Builder settings;
  private final DeviceId device;
  private final String mqttId;
  private final Clock clock = Clock.systemUTC();
  private final AtomicLong messageId = new AtomicLong();
  private final Map<String, String> versions = new ConcurrentHashMap<>();
  private final Deque<Happening> happenings = new ArrayDeque<>();
  private final AtomicReference<@Nullable Thread> worker = new AtomicReference<>();
  private final CompletableFuture<@Nullable Void> informed = new CompletableFuture<>();

  // A client for each connection: one of HiveMQ's that is used again forgets with its session who hears its messages.
  private @Nullable Mqtt3AsyncClient client;
  private int connection;
  private int failures;
  private boolean wantsToBeOnline;
  // Of the newest connection: done once the version was reported over it.
  private CompletableFuture<@Nullable Void> back = new CompletableFuture<>();

  private SimulatedDevice(Builder settings) {
    this.settings = settings;
    this.device = settings.device;
    versions.put(settings.module, settings.version);
    this.mqttId = device.productKey() + "." + device.deviceName();
  }

  /** A device to be configured and started; every setting but these has a default. */
  public static Builder builder(String host, int port, String productKey, String deviceName, String deviceSecret) {
    return new Builder(host, port, productKey, deviceName, deviceSecret);
  }

  /** How a device is and where it belongs. */
  public static final class Builder {
    private final String host;
    private final int port;
    private final DeviceId device;
    private final String deviceSecret;
    private String version = "1.0.0";
    private String module = ModuleName.DEFAULT.value();
    private Behaviour behaviour = Behaviour.SUCCEED;
    private Signing signing = Signing.HMAC_SHA256;
    private boolean implicitSubscriptions = true;
    private boolean acknowledgedReports = true;
    private Duration pause = Duration.ofMillis(100);
    private Duration slowness = Duration.ofSeconds(30);
    private Duration longestRetryPause = Duration.ofSeconds(5);
    private int remembered = 1000;
    private IntConsumer onProgress = percent -> {};
    private IntConsumer onReceived = bytes -> {};
    private Consumer<Happening> onHappening = happening -> {};

    private Builder(String host, int port, String productKey, String deviceName, String deviceSecret) {
      this.host = host;
      this.port = port;
      this.device = new DeviceId(new ProductKey(productKey), new DeviceName(deviceName));
      this.deviceSecret = deviceSecret;
    }

    /** The version that it runs at first; 1.0.0 unless told. */
    public Builder version(String value) {
      version = value;
      return this;
    }

    /** The module that this version is of; the default module unless told. */
    public Builder module(String value) {
      module = value;
      return this;
    }

    /** What it does when it is told to upgrade; {@link Behaviour#SUCCEED} unless told. */
    public Builder behaviour(Behaviour value) {
      behaviour = value;
      return this;
    }

    /** How it logs in; {@link Signing#HMAC_SHA256} unless told. */
    public Builder signing(Signing value) {
      signing = value;
      return this;
    }

    /** Whether it relies on the platform to subscribe it ({@code _ss=1}), as unless told, or does so itself. */
    public Builder implicitSubscriptions(boolean value) {
      implicitSubscriptions = value;
      return this;
    }

    /** Whether it reports at QoS 1, as unless told, or at QoS 0. */
    public Builder acknowledgedReports(boolean value) {
      acknowledgedReports = value;
      return this;
    }

    /** The time between two reports of progress; 100 ms unless told. */
    public Builder pause(Duration value) {
      pause = value;
      return this;
    }

    /** How long an upgrade of a {@link Behaviour#SLOW} one takes; 30 s unless told. */
    public Builder slowness(Duration value) {
      slowness = value;
      return this;
    }

    /** The longest time between two attempts to connect, which grows up to that; 5 s unless told. */
    public Builder longestRetryPause(Duration value) {
      longestRetryPause = value;
      return this;
    }

    /** How many {@link SimulatedDevice#happenings()} it remembers; the last 1000 unless told. */
    public Builder remembered(int value) {
      remembered = value;
      return this;
    }

    /** Is called with each percentage that it reports. */
    public Builder onProgress(IntConsumer value) {
      onProgress = value;
      return this;
    }

    /** Is called with the number of bytes, as often as some of a firmware come. */
    public Builder onReceived(IntConsumer value) {
      onReceived = value;
      return this;
    }

    /** Is called with all that happens. */
    public Builder onHappening(Consumer<Happening> value) {
      onHappening = value;
      return this;
    }

    /** Switches it on; returns at once. */
    public SimulatedDevice start() {
      var started = new SimulatedDevice(this);
      started.goOnline();
      return started;
    }
  }

  /** The device. */
  public DeviceId id() {
    return device;
  }

  /** The version that it runs, of the module that it was made with. */
  public String version() {
    return versions.getOrDefault(settings.module, settings.version);
  }

  /** Done once the broker has acknowledged its version for the first time. */
  public CompletableFuture<@Nullable Void> informed() {
    return informed.copy();
  }

  /** What has happened last, in order, as much as it {@linkplain Builder#remembered(int) remembers}. */
  public List<Happening> happenings() {
    synchronized (happenings) {
      return List.copyOf(happenings);
    }
  }

  /** Asks whether there is a firmware; the answer has the effect of a push. */
  public void requestFirmware() {
    var unused = publish(sys("thing/ota/firmware/get"), Map.of("module", settings.module));
  }

  /** Goes off line and stays there. */
  public void goOffline() {
    @Nullable
    Mqtt3AsyncClient leaving;
    synchronized (this) {
      wantsToBeOnline = false;
      leaving = client;
    }
    if (leaving != null) {
      await(leaving.disconnect());
    }
  }

  /** Comes back. */
  public synchronized void goOnline() {
    if (!wantsToBeOnline) {
      wantsToBeOnline = true;
      connect();
    }
  }

  /** Switches it off. */
  @Override
  public void close() {
    @Nullable
    Thread working = worker.get();
    if (working != null) {
      working.interrupt();
    }
    goOffline();
  }

  private synchronized void connect() {
    int mine = ++connection;
    back = new CompletableFuture<>();
    var wasThere = new AtomicBoolean();
    var fresh = Mqtt3Client.builder().serverHost(settings.host).serverPort(settings.port)
        .identifier(settings.signing.clientId(mqttId, settings.implicitSubscriptions)).simpleAuth()
        .username(Signing.userName(device)).password(settings.signing
            .password(mqttId, device, settings.deviceSecret).getBytes(StandardCharsets.US_ASCII))
        .applySimpleAuth().addConnectedListener(context -> {
          wasThere.set(true);
          onConnected();
        }).addDisconnectedListener(context -> onDisconnected(mine, wasThere.get(), context)).buildAsync();
    client = fresh;
    fresh.publishes(MqttGlobalPublishFilter.ALL, this::onMessage);
    var unused = fresh.connectWith().cleanSession(true).keepAlive(60).send();
  }

  private void onConnected() {
    happened(Happening.Kind.CONNECTED, "");
    @Nullable
    Mqtt3AsyncClient connected;
    synchronized (this) {
      failures = 0;
      connected = client;
    }
    if (settings.implicitSubscriptions || connected == null) {
      inform();
      return;
    }
    var unused = CompletableFuture.allOf(subscribe(connected, ota("upgrade")),
        subscribe(connected, sys("thing/ota/firmware/get_reply"))).thenRun(this::inform);
  }

  private static CompletableFuture<?> subscribe(Mqtt3AsyncClient connected, String topic) {
    return connected.subscribeWith().topicFilter(topic).qos(MqttQos.AT_LEAST_ONCE).send();
  }

  private void onDisconnected(int which, boolean wasThere, MqttClientDisconnectedContext context) {
    happened(wasThere ? Happening.Kind.DISCONNECTED : Happening.Kind.REFUSED,
        String.valueOf(context.getCause().getMessage()));
    synchronized (this) {
      if (wantsToBeOnline && which == connection) {
        failures++;
        back = new CompletableFuture<>();
        CompletableFuture.delayedExecutor(untilReconnect(), TimeUnit.MILLISECONDS).execute(() -> reconnect(which));
      }
    }
  }

  /** Longer from time to time, and not the same for all: many that lost their connection together come back apart. */
  private long untilReconnect() {
    long longest = Math.min(settings.longestRetryPause.toMillis(), 100L << Math.min(failures, 20));
    return ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
  }

  private synchronized void reconnect(int which) {
    if (wantsToBeOnline && which == connection) {
      connect();
    }
  }

  private void inform() {
    CompletableFuture<@Nullable Void> now;
    synchronized (this) {
      now = back;
    }
    versions.forEach((module, version) -> {
      var params = new LinkedHashMap<String, String>();
      params.put("version", version);
      if (!module.equals(ModuleName.DEFAULT.value())) {
        params.put("module", module);
      }
      var unused = publish(ota("inform"), params).thenRun(() -> {
        happened(Happening.Kind.INFORMED, version);
        informed.complete(null);
        now.complete(null);
      });
    });
  }

  private void onMessage(Mqtt3Publish message) {
    var topic = message.getTopic().toString();
    if (!topic.equals(ota("upgrade")) && !topic.equals(sys("thing/ota/firmware/get_reply"))) {
      return;
    }
    var upgrade = Upgrade.read(message.getPayloadAsBytes());
    if (upgrade.isEmpty()) {
      happened(Happening.Kind.IGNORED, "no upgrade");
    } else if (settings.behaviour == Behaviour.SILENT) {
      happened(Happening.Kind.PUSHED, upgrade.get().version());
    } else {
      begin(upgrade.get());
    }
  }

  private void begin(Upgrade upgrade) {
    if (worker.get() == null && upgrade.version().equals(versions.get(upgrade.module()))) {
      happened(Happening.Kind.REPEATED, upgrade.version());
      inform();
      return;
    }
    var thread = Thread.ofVirtual().name("upgrade-" + device).unstarted(() -> {
      try {
        perform(upgrade);
      } catch (InterruptedException e) {
        // Switched off.
      } finally {
        worker.set(null);
      }
    });
    if (worker.compareAndSet(null, thread)) {
      happened(Happening.Kind.PUSHED, upgrade.version());
      thread.start();
    } else {
      happened(Happening.Kind.IGNORED, upgrade.version());
    }
  }

  private void perform(Upgrade upgrade) throws InterruptedException {
    var progress = new Progress(upgrade);
    try {
      progress.reach(0);
      var digest = new Download(upgrade, pieces(), settings.behaviour == Behaviour.CORRUPT_DOWNLOAD, progress).run();
      if (!digest.equals(upgrade.sign().toLowerCase(Locale.ROOT))) {
        fail(upgrade, DIGEST_FAILED);
        return;
      }
    } catch (IOException e) {
      log.atDebug().addKeyValue("device", device).addKeyValue("reason", e.toString()).log("the download failed");
      fail(upgrade, DOWNLOAD_FAILED);
      return;
    }
    switch (settings.behaviour) {
      case FAIL_1 -> fail(upgrade, -1);
      case FAIL_3 -> fail(upgrade, DIGEST_FAILED);
      case FAIL_4 -> fail(upgrade, -4);
      case WRONG_VERSION -> finish(upgrade, progress, upgrade.version() + "-wrong");
      case SUCCEED, SLOW, FLAPPING, FAIL_2, CORRUPT_DOWNLOAD, SILENT -> finish(upgrade, progress, upgrade.version());
    }
  }

  /** Who is to be interrupted between two pieces needs several. */
  private int pieces() {
    return switch (settings.behaviour) {
      case SLOW, FLAPPING -> STRIDES;
      case FAIL_2 -> 2;
      case SUCCEED, FAIL_1, FAIL_3, FAIL_4, WRONG_VERSION, SILENT, CORRUPT_DOWNLOAD -> 1;
    };
  }

  private void finish(Upgrade upgrade, Progress progress, String version) throws InterruptedException {
    happened(Happening.Kind.DOWNLOADED, upgrade.version());
    progress.reach(100);
    Thread.sleep(settings.pause);
    versions.put(upgrade.module(), version);
    happened(Happening.Kind.REBOOTED, version);
    goOffline();
    Thread.sleep(REBOOT);
    goOnline();
  }

  private void fail(Upgrade upgrade, int step) throws InterruptedException {
    report(upgrade, step);
    happened(Happening.Kind.FAILED, Integer.toString(step));
  }

  /** Waits until the report is taken: one that is lost would change what the platform makes of the device. */
  private void report(Upgrade upgrade, int step) throws InterruptedException {
    var params = Map.of("step", Integer.toString(step), "desc", "", "module", upgrade.module());
    for (int attempt = 1; attempt <= REPORT_ATTEMPTS; attempt++) {
      awaitBack();
      try {
        publish(ota("progress"), params).get(5, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException | TimeoutException e) {
        log.atDebug().addKeyValue("device", device).addKeyValue("reason", e.toString()).log("a report goes again");
      }
    }
  }

  private void awaitBack() throws InterruptedException {
    CompletableFuture<@Nullable Void> now;
    synchronized (this) {
      now = back;
    }
    try {
      now.get(OFFLINE_AT_MOST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.atDebug().addKeyValue("device", device).log("a device is offline for long");
    }
  }

  /** Goes down and comes back, or comes back before the broker has noticed that it is gone, as over a weak link. */
  private void loseConnection(boolean noticed) throws InterruptedException {
    if (noticed) {
      goOffline();
      Thread.sleep(REBOOT);
      goOnline();
    } else {
      synchronized (this) {
        if (wantsToBeOnline) {
          connect();
        }
      }
    }
    awaitBack();
  }

  /** Reports a download in strides, with a pause after each, so that it can be watched. */
  private final class Progress implements Download.Listener {
    private final Upgrade upgrade;
    private final Duration pause = settings.behaviour == Behaviour.SLOW
        ? settings.slowness.dividedBy(STRIDES)
        : settings.pause;
    private int reported = -STRIDE;

    Progress(Upgrade upgrade) {
      this.upgrade = upgrade;
    }

    @Override
    public void received(int bytes) {
      settings.onReceived.accept(bytes);
    }

    @Override
    public void progressed(long bytes) throws IOException, InterruptedException {
      int before = reported;
      // 100 is for when it has been checked.
      reach((int) Math.min(100 - STRIDE, upgrade.size() == 0 ? 0 : bytes * 100 / upgrade.size()));
      if (settings.behaviour == Behaviour.FLAPPING && reported / FLAP_EVERY > Math.max(before, 0) / FLAP_EVERY) {
        loseConnection(reported / FLAP_EVERY % 2 == 1);
        resumed(bytes);
      }
      if (settings.behaviour == Behaviour.FAIL_2) {
        throw new IOException("download: given up (expected: as it was told)");
      }
    }

    @Override
    public void resumed(long offset) {
      happened(Happening.Kind.RESUMED, Long.toString(offset));
    }

    void reach(int percent) throws InterruptedException {
      while (reported + STRIDE <= percent) {
        reported += STRIDE;
        if (reported > 0) {
          Thread.sleep(pause);
        }
        report(upgrade, reported);
        happened(Happening.Kind.PROGRESSED, Integer.toString(reported));
        settings.onProgress.accept(reported);
      }
    }
  }

  private CompletableFuture<?> publish(String topic, Map<String, String> params) {
    var payload = new LinkedHashMap<String, Object>();
    payload.put("id", Long.toString(messageId.incrementAndGet()));
    payload.put("version", "1.0");
    payload.put("params", params);
    @Nullable
    Mqtt3AsyncClient connected;
    synchronized (this) {
      connected = client;
    }
    if (connected == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("connection: none (expected: one)"));
    }
    return connected.publishWith().topic(topic)
        .qos(settings.acknowledgedReports ? MqttQos.AT_LEAST_ONCE : MqttQos.AT_MOST_ONCE)
        .payload(Wire.JSON.writeValueAsBytes(payload)).send().whenComplete((published, failure) -> {
          if (failure != null) {
            log.atDebug().addKeyValue("device", device).addKeyValue("topic", topic)
                .addKeyValue("reason", failure.toString()).log("a report was not taken");
          }
        });
  }

  private void happened(Happening.Kind kind, String detail) {
    var happening = new Happening(Instant.now(clock), kind, detail);
    synchronized (happenings) {
      happenings.add(happening);
      if (happenings.size() > settings.remembered) {
        happenings.remove();
      }
    }
    settings.onHappening.accept(happening);
  }

  private static void await(CompletableFuture<?> future) {
    try {
      future.exceptionally(failure -> null).get(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.atDebug().addKeyValue("reason", e.toString()).log("a device was cut off");
    }
  }

  private String ota(String kind) {
    return "/ota/device/" + kind + "/" + device.productKey() + "/" + device.deviceName();
  }

  private String sys(String path) {
    return "/sys/" + device.productKey() + "/" + device.deviceName() + "/" + path;
  }
}
