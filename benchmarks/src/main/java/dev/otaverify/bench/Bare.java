// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.ConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.server.HttpServer;

/**
 * The least that does what the stack does, with the same Kafka and PostgreSQL, and as durable: no checks, no signatures, no state, no second
 * instance. All of it is one process.
 *
 * <pre>
 *   POST /pipeline   HTTP ─▶ one Kafka record ─▶ ten rows for each of a poll in one statement, commit ─▶ one reply record ─▶ HTTP
 *   POST /insert     HTTP ─▶ ten rows in one statement, commit ─▶ HTTP
 *   GET  /firmware   WebFlux ─▶ one row by its key, R2DBC ─▶ JSON
 * </pre>
 */
final class Bare {
  static final String READY = "ready";
  private static final String COMMANDS = "bench.commands";
  private static final String REPLIES = "bench.replies";
  private static final int ROWS = 10;
  private static final int POOL = 20;
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final byte[] YES = "{\"Success\":true}".getBytes(StandardCharsets.UTF_8);
  private static final String INSERT = """
                                       insert into bare_task (task_id, job_id, device_name, status, created_at)
                                       select t, j, d, 'QUEUED', now() from unnest(%s, %s, %s) u (t, j, d)""";

  private final Settings settings;
  private final Producer<String, byte[]> producer;
  private final Map<String, Sinks.One<Boolean>> waiting = new ConcurrentHashMap<>();

  /** Where its infrastructure is, and where it serves; databases with their user's name as their own. */
  record Settings(String kafka, String postgres, String password, String writes, String reads, int port) {
    List<String> arguments() {
      return List.of(kafka, postgres, password, writes, reads, Integer.toString(port));
    }
  }

  private Bare(Settings settings) {
    this.settings = settings;
    this.producer = producer(settings.kafka());
  }

  public static void main(String[] args) throws Exception {
    var bare = new Bare(new Settings(args[0], args[1], args[2], args[3], args[4], Integer.parseInt(args[5])));
    bare.start();
    System.out.println(READY);
    new CountDownLatch(1).await();
  }

  private void start() throws Exception {
    try (var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.kafka()))) {
      admin.createTopics(List.of(new NewTopic(COMMANDS, 1, (short) 1), new NewTopic(REPLIES, 1, (short) 1))).all()
          .get();
    }
    try (var connection = connect(); var statement = connection.createStatement()) {
      statement
          .execute("""
                   create table bare_task (task_id text primary key, job_id text not null, device_name text not null,
                   status text not null, created_at timestamptz not null)""");
    }
    Thread.ofPlatform().name("commands").start(this::work);
    Thread.ofPlatform().name("replies").start(this::hear);
    serve();
  }

  private void serve() {
    var writes = DatabaseClient.create(pool(settings.writes()));
    var reads = DatabaseClient.create(pool(settings.reads()));
    var read = new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(RouterFunctions.route()
        .GET("/firmware/{id}", request -> reads.sql("select row_to_json(f) from firmware f where firmware_id = $1")
            .bind(0, request.pathVariable("id")).map(row -> String.valueOf(row.get(0, String.class))).one()
            .flatMap(json -> ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(json)))
        .build()));
    HttpServer.create().host("127.0.0.1").port(settings.port()).route(routes -> routes
        .post("/pipeline", (request, response) -> response.sendByteArray(request.receive().aggregate().asByteArray()
            .flatMap(this::throughKafka).thenReturn(YES)))
        .post("/insert", (request, response) -> response.sendByteArray(request.receive().aggregate().asByteArray()
            .flatMap(body -> insert(writes)).thenReturn(YES)))
        .get("/firmware/{id}", read)).bindNow();
  }

  private Mono<Boolean> throughKafka(byte[] body) {
    return Mono.defer(() -> {
      var id = UUID.randomUUID().toString();
      Sinks.One<Boolean> reply = Sinks.one();
      waiting.put(id, reply);
      var unused = producer.send(new ProducerRecord<>(COMMANDS, id, body));
      return reply.asMono();
    });
  }

  private static Mono<Long> insert(DatabaseClient database) {
    var rows = new Rows(List.of(UUID.randomUUID().toString()));
    return database.sql(INSERT.formatted("$1", "$2", "$3")).bind(0, rows.tasks).bind(1, rows.jobs).bind(2, rows.devices)
        .fetch().rowsUpdated();
  }

  private static final class Rows {
    private final String[] tasks;
    private final String[] jobs;
    private final String[] devices;

    Rows(List<String> ids) {
      tasks = new String[ids.size() * ROWS];
      jobs = new String[tasks.length];
      devices = new String[tasks.length];
      for (int i = 0; i < tasks.length; i++) {
        jobs[i] = ids.get(i / ROWS);
        tasks[i] = jobs[i] + "." + i % ROWS;
        devices[i] = "device-" + i % ROWS;
      }
    }
  }

  private void work() {
    try (var consumer = consumer(settings.kafka(), COMMANDS);
        var connection = connect();
        var insert = connection.prepareStatement(INSERT.formatted("?", "?", "?"))) {
      connection.setAutoCommit(false);
      while (true) {
        var ids = new ArrayList<String>();
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          ids.add(record.key());
        }
        if (ids.isEmpty()) {
          continue;
        }
        var rows = new Rows(ids);
        insert.setArray(1, connection.createArrayOf("text", rows.tasks));
        insert.setArray(2, connection.createArrayOf("text", rows.jobs));
        insert.setArray(3, connection.createArrayOf("text", rows.devices));
        insert.execute();
        connection.commit();
        for (var id : ids) {
          var unused = producer.send(new ProducerRecord<>(REPLIES, id, YES));
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void hear() {
    try (var consumer = consumer(settings.kafka(), REPLIES)) {
      while (true) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          Sinks.One<Boolean> sink = waiting.remove(record.key());
          if (sink != null) {
            sink.tryEmitValue(true);
          }
        }
      }
    }
  }

  static Producer<String, byte[]> producer(String kafka) {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka, ProducerConfig.ACKS_CONFIG, "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true, ProducerConfig.LINGER_MS_CONFIG, 0),
        new StringSerializer(), new ByteArraySerializer());
  }

  /** Reads the only partition of the topic, from its beginning. */
  static KafkaConsumer<String, byte[]> consumer(String kafka, String topic) {
    var values = new HashMap<String, Object>(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka,
        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false));
    var consumer = new KafkaConsumer<>(values, new StringDeserializer(), new ByteArrayDeserializer());
    var partition = new TopicPartition(topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    return consumer;
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://" + settings.postgres() + "/" + settings.writes(),
        settings.writes(), settings.password());
  }

  private ConnectionPool pool(String database) {
    var host = settings.postgres().split(":", 2);
    ConnectionFactory connections = new PostgresqlConnectionFactory(PostgresqlConnectionConfiguration.builder()
        .host(host[0]).port(Integer.parseInt(host[1])).database(database).username(database)
        .password(settings.password()).build());
    var pool = new ConnectionPool(ConnectionPoolConfiguration.builder(connections).initialSize(POOL).maxSize(POOL)
        .build());
    Flux.range(0, 1).flatMap(any -> pool.warmup()).blockLast();
    return pool;
  }
}
