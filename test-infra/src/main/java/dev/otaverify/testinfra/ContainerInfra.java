// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

import dev.otaverify.localinfra.PostgresEndpoint;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.AppInfoParser;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** The public images, through Testcontainers, which removes the containers when the JVM ends. */
final class ContainerInfra implements Infra {

  // What Testcontainers 2.0 removes containers with; it does not tell the name.
  private static final String RYUK = "testcontainers/ryuk:0.14.0";

  /** The images to be had before anything starts. */
  static List<String> images() {
    boolean withoutRyuk = Boolean.parseBoolean(System.getenv("TESTCONTAINERS_RYUK_DISABLED"));
    return withoutRyuk ? List.of(kafkaImage(), postgresImage()) : List.of(kafkaImage(), postgresImage(), RYUK);
  }

  /** Whether Testcontainers gets on with the engine too. */
  static boolean works() {
    return DockerClientFactory.instance().isDockerAvailable();
  }

  private static String kafkaImage() {
    return System.getProperty("infra.kafka.image", "apache/kafka:" + AppInfoParser.getVersion());
  }

  private static String postgresImage() {
    return System.getProperty("infra.postgres.image", "postgres:18");
  }

  @Override
  @SuppressWarnings("resource") // lives as long as the JVM
  public String startKafka() {
    KafkaContainer kafka = new KafkaContainer(
        DockerImageName.parse(kafkaImage()).asCompatibleSubstituteFor("apache/kafka"));
    kafka.withEnv(Map.of(
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "1000",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "4",
        "KAFKA_LOG_RETENTION_MS", "-1"));
    kafka.start();
    return kafka.getBootstrapServers();
  }

  @Override
  @SuppressWarnings("resource") // lives as long as the JVM
  public PostgresEndpoint startPostgres() {
    PostgreSQLContainer postgres = new PostgreSQLContainer(
        DockerImageName.parse(postgresImage()).asCompatibleSubstituteFor("postgres"));
    postgres.setCommand("postgres", "-c", "fsync=off", "-c", "full_page_writes=off",
        "-c",
        "max_connections=200");
    postgres.withDatabaseName("postgres").withUsername("postgres").withPassword("postgres");
    postgres.start();
    return new PostgresEndpoint(postgres.getHost(), postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
        "postgres", "postgres");
  }
}
