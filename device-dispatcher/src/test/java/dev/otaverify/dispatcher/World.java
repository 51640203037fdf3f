// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher;

import com.sun.net.httpserver.HttpServer;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.DownloadLinks;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.mqttbroker.BrokerConfig;
import dev.otaverify.mqttbroker.EmbeddedBroker;
import dev.otaverify.simulator.SimulatedDevice;
import dev.otaverify.testinfra.TestInfra;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** All around the dispatcher: Kafka, the MQTT broker with devices, and a stand-in for job-service and gateway. */
final class World implements AutoCloseable {
  static final String SIGNING_KEY = "signing-key-of-the-tests";
  private static final String TOKEN = "internal-token-of-the-tests";
  private static final String PASSWORD = "service-password";
  private static final String DEVICE_SECRET = "devsecret0123456789";
  private static final byte[] IMAGE = new byte[10_000];
  private static final Pattern LINK = Pattern.compile("e=([0-9a-z]+)&s=([^&]+)");

  final ProductKey product = ProductKey.of(CommandId.of("key", UUID.randomUUID().toString()));
  private final HttpServer stub;
  private final Path directory;
  private final KafkaProducer<String, byte[]> producer;
  private final KafkaConsumer<String, byte[]> consumer;
  private final List<Message<FirmwareEvent>> read = new ArrayList<>();
  private EmbeddedBroker broker;

  World(Path directory) throws IOException {
    this.directory = directory;
    TestInfra.createTopics(Topics.all());
    stub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer("/internal/devices/", ("{\"deviceSecret\":\"" + DEVICE_SECRET + "\",\"enabled\":true}")
        .getBytes(StandardCharsets.UTF_8));
    var links = new DownloadLinks(SIGNING_KEY);
    stub.createContext("/d/image", exchange -> {
      var link = LINK.matcher(exchange.getRequestURI().getRawQuery());
      boolean valid = link.matches() && links.isValid("image", link.group(1), link.group(2), Instant.now());
      exchange.sendResponseHeaders(valid ? 200 : 403, IMAGE.length);
      exchange.getResponseBody().write(IMAGE);
      exchange.close();
    });
    stub.start();
    broker = startBroker(0);
    producer = new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, TestInfra.kafkaBootstrapServers()), new StringSerializer(),
        new ByteArraySerializer());
    consumer = new KafkaConsumer<>(
        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, TestInfra.kafkaBootstrapServers()), new StringDeserializer(),
        new ByteArrayDeserializer());
    var partitions = new ArrayList<TopicPartition>();
    for (int i = 0; i < Topics.PARTITIONS; i++) {
      partitions.add(new TopicPartition(Topics.FIRMWARE_EVENTS, i));
    }
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
  }

  private void answer(String path, byte[] body) {
    stub.createContext(path, exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
  }

  private String url() {
    return "http://127.0.0.1:" + stub.getAddress().getPort();
  }

  private EmbeddedBroker startBroker(int port) {
    return EmbeddedBroker.start(new BrokerConfig(port, "127.0.0.1", TestInfra.kafkaBootstrapServers(),
        URI.create(url()), TOKEN, "device-dispatcher", PASSWORD, directory, BrokerConfig.DEFAULT_KAFKA_TIMEOUT));
  }

  void restartBroker() {
    int port = broker.port();
    broker.close();
    broker = startBroker(port);
  }

  /** What the dispatcher is started with. */
  String[] arguments() {
    var database = TestInfra.freshDatabase("device-dispatcher");
    return new String[]{"--server.port=0", "--spring.kafka.bootstrap-servers=" + TestInfra.kafkaBootstrapServers(),
        "--ota.database.host=" + database.host(), "--ota.database.port=" + database.port(),
        "--ota.database.name=" + database.database(), "--ota.database.user=" + database.user(),
        "--ota.database.password=" + database.password(), "--ota.internal-token=" + TOKEN,
        "--ota.mqtt.host=127.0.0.1", "--ota.mqtt.port=" + broker.port(), "--ota.mqtt.password=" + PASSWORD,
        "--ota.files.base-url=" + url(), "--ota.files.signing-key=" + SIGNING_KEY,
        "--ota.dispatcher.push.pauses=1s,1s", "--ota.dispatcher.push.message-expiry=1s",
        "--ota.dispatcher.push.connect-grace=500ms"};
  }

  SimulatedDevice.Builder device(String name) {
    return SimulatedDevice.builder("127.0.0.1", broker.port(), product.value(), name, DEVICE_SECRET)
        .pause(Duration.ofMillis(5));
  }

  /** Assigns a task to the device, as job-service does. */
  TaskId assign(String deviceName, Duration timeout, boolean needPush)
      throws ExecutionException, InterruptedException {
    var command = CommandId.of("key", UUID.randomUUID().toString());
    var task = TaskId.of(JobId.of(FirmwareId.of(command), command), 0);
    var file = new FirmwareFile("image", url() + "/image", IMAGE.length, digest("MD5"), digest("SHA-256"),
        FirmwareFile.SignMethod.SHA256);
    send(new DeviceInput.AssignTask(new DeviceId(product, new DeviceName(deviceName)), task,
        new FirmwareSpec(product, ModuleName.DEFAULT, "fw", "2.0.0", null, FirmwareSpec.Type.FULL, file, true, null,
            "udi"),
        timeout, needPush, false, List.of(new Tag("line", "7")), Instant.now().truncatedTo(ChronoUnit.MICROS)));
    return task;
  }

  void send(DeviceInput input) throws ExecutionException, InterruptedException {
    var encoded = Wire
        .encode(Message.unnumbered(UUID.randomUUID().toString(), Source.JOB_SERVICE, "task", Instant.now(), input));
    producer.send(KafkaRecords.record(Topics.DEVICE_INPUTS, null, input.device().key(), encoded.headers(),
        encoded.value().getBytes(StandardCharsets.UTF_8))).get();
  }

  /** What was published about the task so far; its numbers have no gap. */
  List<FirmwareEvent> events(TaskId task) {
    for (var polled : consumer.poll(Duration.ofMillis(50))) {
      read.add(Wire.decode(KafkaRecords.textOf(polled.headers()), polled.value(), FirmwareEvent.class));
    }
    var its = read.stream().filter(message -> message.subject().equals(task.value())).toList();
    for (int i = 0; i < its.size(); i++) {
      if (its.get(i).sequence() != i + 1) {
        throw new AssertionError("sequence: " + its.get(i).sequence() + " (expected: " + (i + 1) + ")");
      }
    }
    return its.stream().<FirmwareEvent>map(Message::data).toList();
  }

  private static String digest(String algorithm) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(IMAGE));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    consumer.close();
    producer.close();
    broker.close();
    stub.stop(0);
  }
}
