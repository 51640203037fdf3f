// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.stack;

import dev.otaverify.aggregator.Rebuild;
import dev.otaverify.aggregator.StatusAggregatorApplication;
import dev.otaverify.contracts.Topics;
import dev.otaverify.dispatcher.DeviceDispatcherApplication;
import dev.otaverify.gateway.ApiGatewayApplication;
import dev.otaverify.jobservice.JobServiceApplication;
import dev.otaverify.faults.agent.Agent;
import dev.otaverify.faults.agent.Defect;
import dev.otaverify.kit.CreateTopics;
import dev.otaverify.localinfra.FreePorts;
import dev.otaverify.localinfra.LocalKafka;
import dev.otaverify.localstack.AccessKey;
import dev.otaverify.mqttbroker.MqttBroker;
import dev.otaverify.testinfra.Balancer;
import dev.otaverify.testinfra.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * The whole stack: each part a process, each network between two parts a proxy.
 *
 * <pre>
 * clients ─▶ balancer ─▶ api-gateway-1, -2 ─▶ balancer ─▶ job-service-1, -2 ──────┐
 *                              │       └────▶ balancer ─▶ status-aggregator-1, -2 ┤
 * devices ─▶ proxy ─▶ mqtt-broker ◀─ proxy ── device-dispatcher-1, -2 ────────────┤
 *                                                      each over a proxy of its own to postgres
 * all ─▶ proxy of each broker ─▶ kafka-1, -2, -3 ◀─ proxy of each ─▶ one another
 * </pre>
 */
public final class Cluster implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(6);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Pattern WORKING = Pattern
      .compile("(?m)^ota_unit_partitions\\{[^}]*state=\"working\"[^}]*} ([0-9.]+)$");
  private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(5)).build();
  private static final String MQTT_USER = "device-dispatcher";
  private static final String HOST = "127.0.0.1:";
  /** The services that keep state, and work through partitions of topics. */
  public static final List<String> STATEFUL = List.of("job-service", "device-dispatcher", "status-aggregator");

  private static final List<String> SERVICES = List.of("job-service", "status-aggregator", "device-dispatcher",
      "api-gateway");

  private final Shape shape;
  private final Path dir;
  private final Path agent;
  private final String secret = UUID.randomUUID().toString().replace("-", "").repeat(2);
  private final AccessKey accessKey = new AccessKey("OTAFAULTS", secret);
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, TcpProxy> links = new TreeMap<>();
  private final Map<String, Path> clocks = new TreeMap<>();
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final PostgresNode postgres;
  private final Balancer gateways;
  private final Map<String, List<Integer>> ports = new TreeMap<>();
  private boolean closed;

  /**
   * How much of everything.
   *
   * @param brokers of Kafka: 1, or 3 with three replicas of which two must have what is acknowledged
   * @param instances of each service
   * @param timeoutUnit what a minute of {@code TimeoutInMinutes} lasts
   * @param hesitation for how many milliseconds units of work pause at random, at most
   * @param defect what is wrong with the services
   */
  public record Shape(int brokers, int instances, Duration timeoutUnit, int hesitation, Optional<Defect> defect) {
    /** @throws IllegalArgumentException if that is no stack */
    public Shape {
      if ((brokers != 1 && brokers != 3) || instances < 1) {
        throw new IllegalArgumentException(
            "shape: " + brokers + " brokers, " + instances + " instances (expected: 1 or 3, 1 or more)");
      }
    }
  }

  private Cluster(Shape shape, Path dir) throws IOException {
    this.shape = shape;
    this.dir = dir;
    this.agent = Agent.jar(dir);
    for (var service : SERVICES) {
      ports.put(service, IntStream.range(0, shape.instances()).mapToObj(i -> FreePorts.choose()).toList());
    }
    int postgresPort = FreePorts.choose();
    postgres = PostgresNode.in(dir.resolve("postgres"), java(256, dir.resolve("postgres.log"), List.of()), postgresPort,
        dir.resolve("postgres.out"));
    closing.add(postgres);
    nodes.put(postgres.name(), postgres);
    kafka();
    var jobServices = balancer("job-service", ports("job-service"));
    var aggregators = balancer("status-aggregator", ports("status-aggregator"));
    gateways = balancer("api-gateway", ports("api-gateway"));
    mqttBroker(jobServices.url());
    for (int i = 1; i <= shape.instances(); i++) {
      service("job-service", JobServiceApplication.class, i, postgresPort, List.of());
      service("status-aggregator", StatusAggregatorApplication.class, i, postgresPort, List.of());
      dispatcher(i, postgresPort);
      gateway(i, postgresPort, jobServices.url(), aggregators.url());
    }
  }

  /** Starts everything in a directory; returns when all of it serves. */
  public static Cluster start(Shape shape, Path dir) throws InterruptedException {
    Cluster cluster;
    try {
      cluster = new Cluster(shape, Files.createDirectories(dir));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // Also when it is told to end before it is done.
    Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "stop-cluster"));
    try {
      cluster.start();
      return cluster;
    } catch (RuntimeException | InterruptedException e) {
      cluster.close();
      throw e;
    }
  }

  private void start() throws InterruptedException {
    var first = nodes.values().stream().filter(node -> !isService(node.name())).toList();
    first.forEach(Node::start);
    for (var node : first) {
      if (!node.name().equals("mqtt-broker")) {
        node.awaitReady(START);
      }
    }
    CreateTopics.in(bootstrapServers());
    LocalKafka.awaitTopics(bootstrapServers(), Topics.all());
    for (var service : SERVICES) {
      postgres.endpoint().createDatabase(database(service), database(service), secret);
    }
    configurePostgres();
    nodes.values().forEach(Node::start);
    for (var node : nodes.values()) {
      node.awaitReady(START);
    }
  }

  private static boolean isService(String name) {
    return SERVICES.stream().anyMatch(name::startsWith);
  }

  /** Its disk is small: its log must be, too. */
  private void configurePostgres() {
    try (var connection = postgres.endpoint().connect("postgres"); var statement = connection.createStatement()) {
      statement.execute("alter system set max_wal_size = '128MB'");
      statement.execute("alter system set min_wal_size = '32MB'");
      statement.execute("select pg_reload_conf()");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void kafka() {
    var cluster = Uuid.randomUuid().toString();
    int brokers = shape.brokers();
    var controllers = IntStream.range(0, brokers).mapToObj(i -> FreePorts.choose()).toList();
    var voters = IntStream.range(0, brokers).mapToObj(i -> (i + 1) + "@" + HOST + controllers.get(i))
        .collect(Collectors.joining(","));
    for (int i = 1; i <= brokers; i++) {
      var name = "kafka-" + i;
      int client = FreePorts.choose();
      int internal = FreePorts.choose();
      var forClients = link("clients-" + name, client);
      var forBrokers = link("brokers-" + name, internal);
      var properties = new TreeMap<String, String>();
      properties.put("node.id", Integer.toString(i));
      properties.put("controller.quorum.voters", voters);
      properties.put("listeners", "CLIENT://%s%d,INTERNAL://%s%d,CONTROLLER://%s%d".formatted(HOST, client, HOST,
          internal, HOST, controllers.get(i - 1)));
      properties.put("advertised.listeners",
          "CLIENT://" + forClients.address() + ",INTERNAL://" + forBrokers.address());
      properties.put("listener.security.protocol.map",
          "CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT");
      properties.put("inter.broker.listener.name", "INTERNAL");
      if (brokers > 1) {
        for (var factor : List.of("default.replication.factor", "offsets.topic.replication.factor",
            "transaction.state.log.replication.factor", "share.coordinator.state.topic.replication.factor")) {
          properties.put(factor, "3");
        }
        for (var least : List.of("min.insync.replicas", "transaction.state.log.min.isr",
            "share.coordinator.state.topic.min.isr")) {
          properties.put(least, "2");
        }
        // How long a follower that does not answer holds up what must be acknowledged.
        properties.put("replica.lag.time.max.ms", "5000");
      }
      var command = java(384, dir.resolve(name + ".log"), List.of());
      command.addAll(List.of(KafkaNode.class.getName(), "--dir", dir.resolve(name).toString(), "--cluster", cluster));
      properties.forEach((property, value) -> command.addAll(List.of("--" + property, value)));
      var out = dir.resolve(name + ".out");
      nodes.put(name, new Node(name, command, Map.of(), out, () -> isListening(client)));
    }
  }

  private static boolean isListening(int port) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private void mqttBroker(String credentials) {
    int management = FreePorts.choose();
    int mqtt = FreePorts.choose();
    var environment = Map.of("OTA_MQTT_PORT", Integer.toString(mqtt), "OTA_KAFKA_BOOTSTRAP_SERVERS",
        bootstrapServers(), "OTA_CREDENTIALS_URL", credentials, "OTA_INTERNAL_TOKEN", secret, "OTA_MQTT_SERVICE_USER",
        MQTT_USER, "OTA_MQTT_SERVICE_PASSWORD", secret, "OTA_DATA_DIR", dir.resolve("mqtt").toString(),
        "OTA_MANAGEMENT_PORT", Integer.toString(management));
    link("devices-mqtt-broker", mqtt);
    link("dispatchers-mqtt-broker", mqtt);
    var command = javaWithAgent(384, "mqtt-broker");
    command.add(MqttBroker.class.getName());
    nodes.put("mqtt-broker", new Node("mqtt-broker", command, environment, dir.resolve("mqtt-broker.out"),
        () -> Balancer.isReady(management)));
  }

  private void dispatcher(int instance, int postgresPort) {
    service("device-dispatcher", DeviceDispatcherApplication.class, instance, postgresPort,
        List.of("--ota.mqtt.host=127.0.0.1", "--ota.mqtt.port=" + link("dispatchers-mqtt-broker").port(),
            "--ota.mqtt.username=" + MQTT_USER, "--ota.mqtt.password=" + secret, "--ota.files.base-url="
                + gateways.url(),
            "--ota.files.signing-key=" + secret));
  }

  private void gateway(int instance, int postgresPort, String jobServices, String aggregators) {
    service("api-gateway", ApiGatewayApplication.class, instance, postgresPort,
        List.of("--management.server.port=" + FreePorts.choose(), "--ota.gateway.master-key=" + secret,
            "--ota.gateway.access-keys[0].id=" + accessKey.id(), "--ota.gateway.access-keys[0].secret="
                + accessKey.secret(),
            "--ota.gateway.access-keys[0].account=faults", "--ota.gateway.quotas.others=0",
            "--ota.gateway.timeout-unit=" + shape.timeoutUnit(), "--ota.gateway.job-service-url=" + jobServices,
            "--ota.gateway.aggregator-url=" + aggregators, "--ota.files.directory=" + dir.resolve("files"),
            "--ota.files.base-url=" + gateways.url(), "--ota.files.signing-key=" + secret));
  }

  private void service(String service, Class<?> main, int instance, int postgresPort, List<String> more) {
    var name = service + "-" + instance;
    int port = ports(service).get(instance - 1);
    var database = link(name + "-postgres", postgresPort);
    var command = javaWithAgent(256, name);
    command.add(main.getName());
    command.addAll(List.of("--server.port=" + port, "--spring.kafka.bootstrap-servers=" + bootstrapServers(),
        "--ota.internal-token=" + secret, "--ota.database.port=" + database.port(),
        "--ota.database.name=" + database(service), "--ota.database.user=" + database(service),
        "--ota.database.password=" + secret));
    command.addAll(more);
    nodes.put(name, new Node(name, command, Map.of(), dir.resolve(name + ".out"), () -> Balancer.isReady(port)));
  }

  private static String database(String service) {
    return service.replace('-', '_');
  }

  private List<Integer> ports(String service) {
    return ports.getOrDefault(service, List.of());
  }

  private Balancer balancer(String service, List<Integer> of) {
    var balancer = new Balancer(of);
    links.put("callers-" + service, balancer.proxy());
    closing.add(balancer);
    return balancer;
  }

  private TcpProxy link(String name, int port) {
    var proxy = TcpProxy.to("127.0.0.1", port);
    links.put(name, proxy);
    closing.add(proxy);
    return proxy;
  }

  /** A JVM that takes the time from a file, hesitates and has a defect, as the shape says. */
  private List<String> javaWithAgent(int heap, String name) {
    var file = dir.resolve(name + ".clock");
    clocks.put(name, file);
    moveClock(name, Duration.ZERO);
    var arguments = "clock=" + file + (shape.hesitation() > 0 ? ",hesitate=" + shape.hesitation() : "")
        + shape.defect().map(defect -> ",defect=" + defect.id()).orElse("");
    return java(heap, dir.resolve(name + ".log"), List.of("-javaagent:" + agent + "=" + arguments));
  }

  private static List<String> java(int heap, Path log, List<String> more) {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx" + heap + "m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "-XX:+EnableDynamicAgentLoading", "--enable-native-access=ALL-UNNAMED",
        "-Dorg.springframework.boot.logging.LoggingSystem=none", "-Dlogback.configurationFile=logback-stack.xml",
        "-Dota.log=" + log));
    if (Runtime.version().feature() >= 23) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(more);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  /** Builds status-aggregator's tables anew from the topics, and compares them with those in use; docs/OPERATIONS.md. */
  public Rebuild.Result rebuild() {
    var live = database("status-aggregator");
    postgres.endpoint().createDatabase(live + "_rebuilt", live, secret);
    return Rebuild.run("--spring.kafka.bootstrap-servers=" + bootstrapServers(), "--ota.internal-token=" + secret,
        "--ota.database.port=" + postgres.endpoint().port(), "--ota.database.name=" + live,
        "--ota.database.user=" + live, "--ota.database.password=" + secret);
  }

  /** All parts by their names, such as {@code kafka-1}. */
  public Map<String, Node> nodes() {
    return nodes;
  }

  /** The part of this name. */
  public Node node(String name) {
    var node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("part: " + name + " (expected: one of " + nodes.keySet() + ")");
    }
    return node;
  }

  /** All networks by their names, such as {@code devices-mqtt-broker}. */
  public Map<String, TcpProxy> links() {
    return links;
  }

  /** The network of this name. */
  public TcpProxy link(String name) {
    var link = links.get(name);
    if (link == null) {
      throw new IllegalArgumentException("network: " + name + " (expected: one of " + links.keySet() + ")");
    }
    return link;
  }

  /** The processes whose clock can be moved. */
  public List<String> clocks() {
    return List.copyOf(clocks.keySet());
  }

  /** Sets the clock of a process so far from that of the machine. */
  public void moveClock(String name, Duration by) {
    var file = clocks.get(name);
    if (file == null) {
      throw new IllegalArgumentException("clock: " + name + " (expected: one of " + clocks.keySet() + ")");
    }
    try {
      Files.writeString(file, Long.toString(by.toMillis()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until the instances of a service that run have taken over all partitions of the topics that it works through, and
   * published what their last owners still had to.
   */
  public void awaitAllPartitions(String service, Duration atMost) throws InterruptedException {
    int topics = service.equals("status-aggregator") ? 2 : 1;
    long deadline = System.nanoTime() + atMost.toNanos();
    while (working(service) < topics * Topics.PARTITIONS) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            service + ": " + working(service) + " partitions (expected: all in " + atMost + ")");
      }
      Thread.sleep(PAUSE);
    }
  }

  private int working(String service) throws InterruptedException {
    int all = 0;
    for (var port : ports(service)) {
      all += working(URI.create("http://" + HOST + port + "/actuator/prometheus"));
    }
    return all;
  }

  private static int working(URI metrics) throws InterruptedException {
    try {
      var text = HTTP.send(HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(5)).build(),
          BodyHandlers.ofString()).body();
      return WORKING.matcher(text).results().mapToInt(match -> (int) Double.parseDouble(match.group(1))).sum();
    } catch (IOException e) {
      return 0;
    }
  }

  /** The database. */
  public PostgresNode postgres() {
    return postgres;
  }

  /** {@code host:port,…} of all brokers. */
  public String bootstrapServers() {
    return IntStream.rangeClosed(1, shape.brokers()).mapToObj(i -> link("clients-kafka-" + i).address())
        .collect(Collectors.joining(","));
  }

  /** Where clients call. */
  public String url() {
    return gateways.url();
  }

  /** What they sign with. */
  public AccessKey accessKey() {
    return accessKey;
  }

  /** Where devices connect. */
  public int mqttPort() {
    return link("devices-mqtt-broker").port();
  }

  /** The shape. */
  public Shape shape() {
    return shape;
  }

  /** Asks all to end, first those that need others. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    var reversed = new ArrayList<>(nodes.values()).reversed();
    reversed.stream().filter(node -> isService(node.name())).parallel()
        .forEach(node -> node.stop(Duration.ofSeconds(10)));
    reversed.forEach(Node::kill);
    for (var one : closing.reversed()) {
      try {
        one.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
