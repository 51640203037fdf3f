// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker (KRaft: broker and controller in one), inside this JVM, listening on 127.0.0.1 only; alone in its cluster
 * unless it is told of others.
 *
 * <p>
 * What it holds is in its directory: a start on the same directory has the same cluster, topics and records, also when the process
 * before was killed. Then the broker waits for its own registration to expire, {@code broker.session.timeout.ms}, here 1.5 s.
 * Topics keep everything ({@code log.retention.ms=-1}) and are never created by use.
 *
 * <p>
 * A fault that Kafka takes for fatal ends the whole JVM: that is how it keeps its promise about records.
 */
public final class LocalKafka implements AutoCloseable {

  private static final Duration TOPICS_READY = Duration.ofSeconds(30);

  private final StateDir state;
  private final KafkaRaftServer server;
  private final String bootstrapServers;
  private boolean closed;

  /**
   * Where and how.
   *
   * @param dir everything the broker keeps; created when absent
   * @param port of the listener for clients; 0 for the one of the last start on the directory, at first any free one
   * @param broker properties of the broker that replace the ones chosen here, by their names in Kafka's documentation
   * @param clusterId of the cluster that a new directory is formatted for, a UUID in Kafka's base64 form; null for one of its own
   */
  public record Config(Path dir, int port, Map<String, String> broker, @Nullable String clusterId) {

    public Config {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
      }
      broker = Map.copyOf(broker);
    }

    /** A broker in {@code dir}, on a port that is chosen at the first start. */
    public static Config in(Path dir) {
      return new Config(dir, 0, Map.of(), null);
    }

    /** The same, on this port. */
    public Config port(int number) {
      return new Config(dir, number, broker, clusterId);
    }

    /** The same, with one more property of the broker. */
    public Config with(String property, String value) {
      var more = new HashMap<>(broker);
      more.put(property, value);
      return new Config(dir, port, more, clusterId);
    }

    /**
     * One of several brokers. What the others must know of it, and it of them, is given {@link #with}: {@code node.id},
     * {@code controller.quorum.voters}, listeners, factors of replication.
     */
    public Config ofCluster(String id) {
      return new Config(dir, port, broker, id);
    }
  }

  private LocalKafka(StateDir state, KafkaRaftServer server, String bootstrapServers) {
    this.state = state;
    this.server = server;
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * Starts, formatting the directory if it is new; returns when the broker serves.
   *
   * @throws IllegalStateException when the directory is in use, the port is taken, or the broker does not come up
   */
  public static LocalKafka start(Config config) {
    StateDir state = StateDir.open(config.dir());
    try {
      int port = state.port("kafka.port", config.port());
      int controllerPort = state.port("kafka-controller.port", 0);
      Path log = state.resolve("log");
      Properties properties = properties(log, port, controllerPort);
      properties.putAll(config.broker());
      format(log, Integer.parseInt(properties.getProperty("node.id")), config.clusterId());
      var server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
      startUp(server);
      return new LocalKafka(state, server, "127.0.0.1:" + port);
    } catch (Throwable failed) {
      state.close();
      throw failed;
    }
  }

  private static void startUp(KafkaRaftServer server) {
    try {
      server.startup();
    } catch (Throwable failed) {
      // Half of it may be running; without this it would, forever.
      server.shutdown();
      throw new IllegalStateException("broker: not up (expected: serving)", failed);
    }
  }

  private static void format(Path log, int node, @Nullable String clusterId) {
    // Kafka writes this file last: a directory without it, left by a kill, is formatted again.
    if (Files.exists(log.resolve("meta.properties"))) {
      return;
    }
    try (PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      Files.createDirectories(log);
      new Formatter().setPrintStream(silent).setNodeId(node)
          .setClusterId(Objects.requireNonNullElseGet(clusterId, () -> Uuid.randomUuid().toString()))
          .addDirectory(log.toString()).setControllerListenerName("CONTROLLER").run();
    } catch (Exception e) {
      throw new IllegalStateException("dir: " + log + " (expected: a directory that Kafka can format)", e);
    }
  }

  private static Properties properties(Path log, int port, int controllerPort) {
    var properties = new Properties();
    properties.putAll(Map.ofEntries(
        Map.entry("process.roles", "broker,controller"),
        Map.entry("node.id", "1"),
        Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controllerPort),
        Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort),
        Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port),
        Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
        Map.entry("controller.listener.names", "CONTROLLER"),
        Map.entry("inter.broker.listener.name", "PLAINTEXT"),
        Map.entry("log.dirs", log.toString())));
    // A killed broker may come back only when its registration has expired: 9 s by default.
    properties.putAll(Map.of("broker.session.timeout.ms", "1500", "broker.heartbeat.interval.ms", "300"));
    properties.putAll(Map.of("group.initial.rebalance.delay.ms", "0", "group.min.session.timeout.ms", "1000"));
    properties.putAll(Map.of("auto.create.topics.enable", "false", "log.retention.ms", "-1"));
    // One broker: one copy of everything, and few partitions of the internal topics, which start-up loads one by one.
    properties.putAll(Map.ofEntries(
        Map.entry("default.replication.factor", "1"),
        Map.entry("offsets.topic.replication.factor", "1"),
        Map.entry("offsets.topic.num.partitions", "4"),
        Map.entry("transaction.state.log.replication.factor", "1"),
        Map.entry("transaction.state.log.min.isr", "1"),
        Map.entry("transaction.state.log.num.partitions", "4"),
        Map.entry("share.coordinator.state.topic.replication.factor", "1"),
        Map.entry("share.coordinator.state.topic.min.isr", "1"),
        Map.entry("share.coordinator.state.topic.num.partitions", "4")));
    // The machine is shared with everything else of the system.
    properties.putAll(Map.ofEntries(
        Map.entry("num.network.threads", "2"),
        Map.entry("num.io.threads", "4"),
        Map.entry("background.threads", "2"),
        Map.entry("group.coordinator.threads", "1"),
        Map.entry("share.coordinator.threads", "1"),
        Map.entry("log.cleaner.dedupe.buffer.size", "4194304")));
    return properties;
  }

  /** What clients take as {@code bootstrap.servers}: {@code 127.0.0.1:PORT}. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /**
   * Creates the topics that are absent and waits until each partition has a leader.
   *
   * @param nameToPartitions the number of partitions of each
   * @throws IllegalStateException when one exists with another number of partitions, or is not ready in 30 s
   */
  public void createTopics(Map<String, Integer> nameToPartitions) {
    createTopics(bootstrapServers, nameToPartitions);
  }

  /** The same for any cluster, with its default replication factor. */
  public static void createTopics(String bootstrapServers, Map<String, Integer> nameToPartitions) {
    try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
      createTopics(admin, nameToPartitions);
    }
  }

  /** The same with a client that the caller has and keeps. */
  public static void createTopics(Admin admin, Map<String, Integer> nameToPartitions) {
    var topics = nameToPartitions.entrySet().stream()
        .map(topic -> new NewTopic(topic.getKey(), topic.getValue(), (short) -1)).toList();
    for (KafkaFuture<Void> created : admin.createTopics(topics).values().values()) {
      try {
        created.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw new IllegalStateException("topics: not created (expected: a cluster that takes them)", e);
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
    awaitTopics(admin, nameToPartitions);
  }

  /**
   * Waits until each partition of these topics, which exist, has a leader.
   *
   * @param nameToPartitions the number of partitions of each
   * @throws IllegalStateException when one has another number of partitions, or is not ready in 30 s
   */
  public void awaitTopics(Map<String, Integer> nameToPartitions) {
    awaitTopics(bootstrapServers, nameToPartitions);
  }

  /** The same for any cluster. */
  public static void awaitTopics(String bootstrapServers, Map<String, Integer> nameToPartitions) {
    try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
      awaitTopics(admin, nameToPartitions);
    }
  }

  private static void awaitTopics(Admin admin, Map<String, Integer> nameToPartitions) {
    long deadline = System.nanoTime() + TOPICS_READY.toNanos();
    while (!ready(admin, nameToPartitions)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "topics: " + nameToPartitions.keySet() + " without leaders (expected: ready in " + TOPICS_READY + ")");
      }
      pause();
    }
  }

  private static boolean ready(Admin admin, Map<String, Integer> nameToPartitions) {
    try {
      Map<String, TopicDescription> topics = admin.describeTopics(List.copyOf(nameToPartitions.keySet()))
          .allTopicNames().get();
      topics.forEach((name, topic) -> {
        int wanted = nameToPartitions.getOrDefault(name, 0);
        if (topic.partitions().size() != wanted) {
          throw new IllegalStateException(
              "partitions of " + name + ": " + topic.partitions().size() + " (expected: " + wanted + ")");
        }
      });
      return topics.values().stream().flatMap(topic -> topic.partitions().stream())
          .allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
    } catch (ExecutionException e) {
      // A topic is acknowledged a little before every part of the broker knows it.
      if (e.getCause() instanceof RetriableException) {
        return false;
      }
      throw new IllegalStateException("topics: not described (expected: a cluster that answers)", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for Kafka", e);
  }

  /** Stops the broker cleanly; what it holds stays. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      server.shutdown();
      server.awaitShutdown();
    } finally {
      state.close();
    }
  }

  /**
   * The broker as a process of its own: {@code --dir DIR [--port N]}. Prints {@code ready kafka 127.0.0.1:PORT} and runs until
   * SIGTERM.
   */
  public static void main(String[] args) throws InterruptedException {
    Launch launch = Launch.of(args, "dir", "port");
    launch.run("kafka", () -> {
      LocalKafka kafka = start(Config.in(launch.dir()).port(launch.port()));
      return new Launch.Running(kafka.bootstrapServers(), kafka);
    });
  }
}
