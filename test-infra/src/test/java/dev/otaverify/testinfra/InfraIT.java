// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class InfraIT {

  /** Run in a JVM of its own: prints what the choice prints, then where things are, and waits to be killed. */
  static final class TestRun {
    private TestRun() {}

    public static void main(String[] args) throws IOException {
      System.out.println(TestInfra.kafkaBootstrapServers() + " " + TestInfra.postgres().port());
      int ignored = System.in.read();
    }
  }

  @Test
  void each_fresh_database_is_empty_and_its_owners() throws Exception {
    TestDatabase one = TestInfra.freshDatabase("Job-Service");
    TestDatabase two = TestInfra.freshDatabase("Job-Service");

    assertThat(one.database()).startsWith("job_service_").isNotEqualTo(two.database());
    assertThat(one.r2dbcUrl()).isEqualTo("r2dbc:postgresql://" + one.host() + ":" + one.port() + "/" + one.database());
    for (TestDatabase database : List.of(one, two)) {
      try (
          Connection connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
          Statement statement = connection.createStatement()) {
        statement.execute("create table jobs (id int)");
        try (ResultSet rows = statement.executeQuery("select count(*) from jobs")) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getInt(1)).isZero();
        }
      }
    }
  }

  @Test
  void a_group_reads_what_was_sent_to_a_unique_topic_without_waiting_for_others() throws Exception {
    String topic = TestInfra.uniqueTopic("events", 3);
    assertThat(TestInfra.uniqueTopic("events", 1)).isNotEqualTo(topic);
    String servers = TestInfra.kafkaBootstrapServers();
    try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", servers), new StringSerializer(),
        new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, 2, "key", "value")).get();
    }

    var values = new ArrayList<String>();
    try (var consumer = new KafkaConsumer<>(
        Map.<String, Object>of("bootstrap.servers", servers, "group.id", TestInfra.uniqueName("group"),
            "auto.offset.reset", "earliest", "session.timeout.ms", "1000", "heartbeat.interval.ms", "300"),
        new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (values.isEmpty() && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(consumed -> values.add(consumed.value()));
      }
    }
    assertThat(values).containsExactly("value");
  }

  @Test
  void a_run_without_an_engine_says_so_in_one_line_and_leaves_nothing_behind_when_it_is_killed() throws Exception {
    Path tmp = Files.createDirectories(Path.of("target", "tmp-of-killed").toAbsolutePath());
    Process run = start("-Djava.io.tmpdir=" + tmp);
    try (var output = run.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("infra: embedded Kafka and PostgreSQL (no Docker engine answers)");
      assertThat(output.readLine()).startsWith("127.0.0.1:");
      assertThat(testDirectories(tmp)).isEqualTo(1);
      run.destroyForcibly().waitFor();
    }

    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (testDirectories(tmp) > 0 && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(testDirectories(tmp)).isZero();
  }

  @Test
  void another_wish_is_refused() {
    assertThatThrownBy(() -> Infra.choose("podman"))
        .hasMessage("infra: podman (expected: auto, embedded or containers)");
  }

  private static long testDirectories(Path tmp) throws IOException {
    try (Stream<Path> files = Files.list(tmp)) {
      return files.filter(file -> file.getFileName().toString().startsWith("otaverify-test-")).count();
    }
  }

  private static Process start(String... options) throws IOException {
    var command = new ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
    command.addAll(List.of(options));
    command.add(TestRun.class.getName());
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    // A port that nobody listens on, whatever engine this machine has.
    builder.environment().put("DOCKER_HOST", "tcp://127.0.0.1:1");
    return builder.start();
  }
}
