// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.server.HttpServer;

/**
 * The least that takes ten devices to a version and knows when they have it, with the MQTT broker, the Kafka and the PostgreSQL of a stack,
 * and as durable: no credentials, no decisions, no deadlines, no history, no second instance. All of it is one process.
 *
 * <pre>
 *   POST /verify   a version and devices ─▶ a push to each over MQTT ─▶ … ─▶ answered when each device's version is written
 *   each report    MQTT ─▶ one Kafka record, then PUBACK ─▶ the rows of all devices of a poll in one statement, commit
 * </pre>
 */
final class BareDevices {
  private static final String REPORTS = "bench.reports";
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration KAFKA_WITHIN = Duration.ofSeconds(15);
  private static final int BUCKETS = 4;
  private static final byte[] YES = "{\"Success\":true}".getBytes(StandardCharsets.UTF_8);
  private static final Pattern TOPIC = Pattern.compile("/ota/device/(inform|progress)/(.+)");
  private static final Pattern SAID = Pattern.compile("\"(?:version|step)\":\"([^\"]+)\"");
  /** As long as the stack's. */
  private static final String PUSH = """
                                     {"code":"1000","data":{"size":65536,"version":"%%s","isDiff":0,"url":"%s",\
                                     "signMethod":"Md5","sign":"%s","md5":"%2$s","module":"default","extData":{}},\
                                     "id":1507707025,"message":"success"}"""
      .formatted("http://127.0.0.1:8080/files/" + "x".repeat(200), "0".repeat(32));

  private final Settings settings;
  private final Producer<String, byte[]> producer;
  private final Map<String, Job> waiting = new ConcurrentHashMap<>();

  /** Where its infrastructure is, and where it serves; the database has its user's name as its own. */
  record Settings(String kafka, String postgres, String password, String database, int port, int mqttPort, Path dir) {
    List<String> arguments() {
      return List.of(kafka, postgres, password, database, Integer.toString(port), Integer.toString(mqttPort),
          dir.toString());
    }
  }

  /** Devices that have not reported this version. */
  private record Job(String version, AtomicInteger open, Sinks.One<Boolean> over) {}

  private BareDevices(Settings settings) {
    this.settings = settings;
    this.producer = Bare.producer(settings.kafka());
  }

  public static void main(String[] args) throws Exception {
    new BareDevices(new Settings(args[0], args[1], args[2], args[3], Integer.parseInt(args[4]),
        Integer.parseInt(args[5]), Path.of(args[6]))).start();
    System.out.println(Bare.READY);
    new CountDownLatch(1).await();
  }

  private void start() throws Exception {
    try (var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.kafka()))) {
      admin.createTopics(List.of(new NewTopic(REPORTS, 1, (short) 1))).all().get();
    }
    try (var connection = connect(); var statement = connection.createStatement()) {
      statement
          .execute(
              """
              create table bare_device (device_id text primary key, said text not null, said_at timestamptz not null)
              with (fillfactor = 50)""");
    }
    // Before the broker's threads need it.
    producer.partitionsFor(REPORTS);
    Thread.ofPlatform().name("reports").start(this::work);
    broker().start().get();
    HttpServer.create().host("127.0.0.1").port(settings.port()).route(routes -> routes
        .post("/verify", (request, response) -> response.sendByteArray(request.receive().aggregate().asString()
            .flatMap(this::verify).thenReturn(YES))))
        .bindNow();
  }

  private EmbeddedHiveMQ broker() throws IOException {
    var conf = Files.createDirectories(settings.dir().resolve("conf"));
    Files.writeString(conf.resolve("config.xml"),
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <hivemq>
          <listeners>
            <tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener>
          </listeners>
          <persistence><mode>in-memory</mode></persistence>
          <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
        </hivemq>
        """.formatted(settings.mqttPort()));
    var hiveMq = EmbeddedHiveMQ.builder().withConfigurationFolder(conf)
        .withDataFolder(Files.createDirectories(settings.dir().resolve("data")))
        .withExtensionsFolder(Files.createDirectories(settings.dir().resolve("extensions")))
        .withEmbeddedExtension(EmbeddedExtension.builder().withId("bare").withName("bare").withVersion("1")
            .withExtensionMain(new ToKafka()).build())
        .withoutLoggingBootstrap().build();
    InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(BUCKETS);
    InternalConfigurations.PAYLOAD_PERSISTENCE_BUCKET_COUNT.set(BUCKETS);
    return hiveMq;
  }

  /** Hands what clients publish to Kafka, and nothing to other clients. */
  private final class ToKafka implements ExtensionMain {
    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
      Services.initializerRegistry()
          .setClientInitializer((connected, client) -> client.addPublishInboundInterceptor(BareDevices.this::take));
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
  }

  private void take(PublishInboundInput input, PublishInboundOutput output) {
    var packet = input.getPublishPacket();
    var async = output.async(KAFKA_WITHIN, TimeoutFallback.FAILURE, AckReasonCode.UNSPECIFIED_ERROR);
    var unused = producer.send(
        new ProducerRecord<>(REPORTS, packet.getTopic(), bytes(packet.getPayload().orElseThrow())),
        (at, failure) -> {
          async.getOutput().preventPublishDelivery(
              failure == null ? AckReasonCode.SUCCESS : AckReasonCode.UNSPECIFIED_ERROR);
          async.resume();
        });
  }

  private static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** @param body the version, and the devices, each in a line */
  private Mono<Boolean> verify(String body) {
    return Mono.defer(() -> {
      var lines = body.lines().toList();
      var devices = lines.subList(1, lines.size());
      var job = new Job(lines.getFirst(), new AtomicInteger(devices.size()), Sinks.one());
      devices.forEach(device -> waiting.put(device, job));
      var payload = PUSH.formatted(job.version()).getBytes(StandardCharsets.UTF_8);
      for (var device : devices) {
        var unused = Services.publishService().publish(Builders.publish().topic("/ota/device/upgrade/" + device)
            .qos(Qos.AT_LEAST_ONCE).payload(ByteBuffer.wrap(payload)).build());
      }
      return job.over().asMono();
    });
  }

  private void work() {
    try (var consumer = Bare.consumer(settings.kafka(), REPORTS);
        var connection = connect();
        var upsert = connection
            .prepareStatement(
                """
                insert into bare_device (device_id, said, said_at)
                select d, s, now() from unnest(?, ?) u (d, s)
                on conflict (device_id) do update set said = excluded.said, said_at = excluded.said_at""")) {
      connection.setAutoCommit(false);
      while (true) {
        var said = new HashMap<String, String>();
        var versions = new HashMap<String, String>();
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          read(record, said, versions);
        }
        if (said.isEmpty()) {
          continue;
        }
        var devices = said.keySet().toArray(String[]::new);
        upsert.setArray(1, connection.createArrayOf("text", devices));
        upsert.setArray(2, connection.createArrayOf("text", said.values().toArray(String[]::new)));
        upsert.execute();
        connection.commit();
        versions.forEach(this::written);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void read(ConsumerRecord<String, byte[]> record, Map<String, String> said,
      Map<String, String> versions) {
    var topic = TOPIC.matcher(record.key());
    var text = SAID.matcher(new String(record.value(), StandardCharsets.UTF_8));
    if (topic.matches() && text.find()) {
      said.put(topic.group(2), text.group(1));
      if (topic.group(1).equals("inform")) {
        versions.put(topic.group(2), text.group(1));
      }
    }
  }

  private void written(String device, String version) {
    @Nullable
    Job job = waiting.get(device);
    if (job != null && job.version().equals(version) && waiting.remove(device, job)
        && job.open().decrementAndGet() == 0) {
      job.over().tryEmitValue(true);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://" + settings.postgres() + "/" + settings.database(),
        settings.database(), settings.password());
  }
}
