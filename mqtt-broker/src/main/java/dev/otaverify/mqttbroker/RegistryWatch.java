// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.UnreadableMessageException;
import dev.otaverify.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears, from the end of the log on, which devices may no longer be here. What was before needs no hearing: a device
 * that connects is looked up. Devices are let in only once this listens, so nothing falls between the two.
 */
final class RegistryWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryWatch.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final KafkaConsumer<String, byte[]> consumer;
  private final Listener listener;
  private final Thread thread;
  private volatile boolean ready;
  private volatile boolean connected;
  private volatile boolean closed;

  /** What there is to hear. It must not wait. */
  interface Listener {
    /** The device may no longer log in. */
    void disabled(DeviceId device);

    /** There is no such device any more. */
    void deleted(DeviceId device);
  }

  RegistryWatch(String bootstrapServers, Listener listener) {
    this.listener = listener;
    this.consumer = consumer(bootstrapServers);
    this.thread = Thread.ofPlatform().daemon().name("ota-registry-watch").start(this::run);
  }

  private static KafkaConsumer<String, byte[]> consumer(String bootstrapServers) {
    var thread = Thread.currentThread();
    var before = thread.getContextClassLoader();
    // As for the producer: in HiveMQ it would not be the extension's.
    thread.setContextClassLoader(RegistryWatch.class.getClassLoader());
    try {
      // No group: every broker hears all of it, and keeps its place itself.
      return new KafkaConsumer<>(
          Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ConsumerConfig.CLIENT_ID_CONFIG,
              "otaverify-mqtt-broker-registry", ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest",
              ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false, ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 200,
              ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000),
          new StringDeserializer(), new ByteArrayDeserializer());
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Whether it listens, so that nothing that happens from now on is missed. */
  boolean isReady() {
    return ready;
  }

  /** Whether Kafka is there right now. */
  boolean isConnected() {
    return connected;
  }

  private void run() {
    try (consumer) {
      boolean told = false;
      var connections = connections();
      while (!closed) {
        try {
          if (ready || begin()) {
            ready = true;
            consumer.poll(POLL).forEach(this::hear);
            connected = connections.metricValue() instanceof Double count && count > 0;
            told = false;
          }
        } catch (WakeupException | InterruptException stopping) {
          return;
        } catch (KafkaException e) {
          connected = false;
          if (!told) {
            log.atWarn().addKeyValue("topic", Topics.REGISTRY_EVENTS).addKeyValue("reason", e.toString())
                .log("changes of devices cannot be heard for now");
            told = true;
          }
          Thread.sleep(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The client connects again by itself, and says nothing of it: only its own count tells whether Kafka is there. */
  private Metric connections() {
    return consumer.metrics().entrySet().stream()
        .filter(metric -> metric.getKey().name().equals("connection-count")
            && metric.getKey().group().equals("consumer-metrics"))
        .map(Map.Entry::getValue).findFirst().orElseThrow();
  }

  /** Takes the place at the end of the log; false if there is no log yet. */
  private boolean begin() throws InterruptedException {
    var partitions = consumer.partitionsFor(Topics.REGISTRY_EVENTS).stream()
        .map(partition -> new TopicPartition(partition.topic(), partition.partition())).toList();
    if (partitions.isEmpty()) {
      Thread.sleep(PAUSE);
      return false;
    }
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // The place is looked up only when it is asked for.
    partitions.forEach(consumer::position);
    return true;
  }

  private void hear(ConsumerRecord<String, byte[]> event) {
    var headers = new HashMap<String, String>();
    event.headers().forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
    try {
      switch (Wire.decode(headers, event.value(), RegistryEvent.class).data()) {
        case RegistryEvent.DeviceDisabled e -> listener.disabled(device(e.productKey(), e.deviceName()));
        case RegistryEvent.DeviceDeleted e -> listener.deleted(device(e.productKey(), e.deviceName()));
        case RegistryEvent e -> log.trace("nothing to do for {}", e);
      }
    } catch (UnreadableMessageException e) {
      // A newer writer's; what is needed here has been there from the start.
      log.atDebug().addKeyValue("partition", event.partition()).addKeyValue("offset", event.offset())
          .addKeyValue("reason", e.getMessage()).log("an event is not understood");
    }
  }

  private static DeviceId device(ProductKey product, DeviceName name) {
    return new DeviceId(product, name);
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
