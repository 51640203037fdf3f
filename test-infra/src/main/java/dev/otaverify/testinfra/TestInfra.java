// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

import dev.otaverify.localinfra.LocalKafka;
import dev.otaverify.localinfra.PostgresEndpoint;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * A real Kafka broker and a real PostgreSQL server for the tests of this JVM. Each starts when it is first asked for, is shared by all
 * tests and ends with the JVM, also when that is killed. Tests keep apart by {@link #freshDatabase} and {@link #uniqueTopic}.
 *
 * <p>
 * The system property {@code infra} says where they run:
 * <ul>
 * <li>{@code containers}: in Docker; fails when that does not work
 * <li>{@code embedded}: beside the test, from the jars of Kafka and the binaries of PostgreSQL; needs no Docker
 * <li>{@code auto}, the default: in containers when an engine answers and has or gets the images, else embedded, which one line on
 * standard output says
 * </ul>
 *
 * <p>
 * Both ways the broker creates no topics by use, starts groups without delay and takes session timeouts from one second.
 */
public final class TestInfra {

  // In names, so that JVMs that share a server (a re-used container) do not meet.
  private static final String RUN = Integer.toString(ThreadLocalRandom.current().nextInt(0x10_0000, 0x100_0000), 16);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private TestInfra() {}

  private static final class Chosen {
    static final Infra INFRA = Infra.choose(System.getProperty("infra", "auto"));
  }

  private static final class Kafka {
    static final String BOOTSTRAP_SERVERS = Chosen.INFRA.startKafka();
    static final Admin ADMIN = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, BOOTSTRAP_SERVERS));
  }

  private static final class Postgres {
    static final PostgresEndpoint ENDPOINT = Chosen.INFRA.startPostgres();
  }

  /** What clients take as {@code bootstrap.servers}. */
  public static String kafkaBootstrapServers() {
    return Kafka.BOOTSTRAP_SERVERS;
  }

  /** The server, with its superuser. Tests want {@link #freshDatabase}. */
  public static PostgresEndpoint postgres() {
    return Postgres.ENDPOINT;
  }

  /**
   * An empty database that nobody else uses, with a role of its own that owns it.
   *
   * @param prefix what its name starts with
   */
  public static TestDatabase freshDatabase(String prefix) {
    String name = prefix.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_") + "_" + RUN + "_"
        + COUNT.incrementAndGet();
    PostgresEndpoint server = postgres();
    server.createDatabase(name, name, name);
    return new TestDatabase(server.host(), server.port(), name, name, name);
  }

  /**
   * Creates a topic that nobody else uses; returns its name when all its partitions have a leader.
   *
   * @param prefix what its name starts with
   */
  public static String uniqueTopic(String prefix, int partitions) {
    String name = uniqueName(prefix);
    createTopics(Map.of(name, partitions));
    return name;
  }

  /** A name that nobody else uses, for a topic, consumer group or client id. */
  public static String uniqueName(String prefix) {
    return prefix + "-" + RUN + "-" + COUNT.incrementAndGet();
  }

  /** {@link LocalKafka#createTopics}. */
  public static void createTopics(Map<String, Integer> nameToPartitions) {
    LocalKafka.createTopics(Kafka.ADMIN, nameToPartitions);
  }
}
