// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.contracts.Topics;
import dev.otaverify.localstack.ApiClient;
import dev.otaverify.localstack.Part;
import dev.otaverify.localstack.Processes;
import dev.otaverify.localstack.SeparateStack;
import dev.otaverify.localstack.Settings;
import dev.otaverify.localstack.StatusReport;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** A stack of its own for a comparison, each part a process; and what only a benchmark does to it. */
final class Stack implements AutoCloseable {
  private static final Duration SETTLED_WITHIN = Duration.ofMinutes(10);
  private static final Map<Part, List<String>> READS = Map.of(Part.JOB_SERVICE, List.of(Topics.COMMANDS),
      Part.DEVICE_DISPATCHER, List.of(Topics.DEVICE_INPUTS), Part.STATUS_AGGREGATOR,
      List.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS));

  private final Settings settings;
  private final SeparateStack parts;
  private final Admin admin;
  private final Thread hook;

  private Stack(Settings settings, SeparateStack parts, Admin admin) {
    this.settings = settings;
    this.parts = parts;
    this.admin = admin;
    // Parts outlive a JVM that is ended before its time.
    this.hook = new Thread(parts::close, "stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts one that begins from nothing; returns when it is ready. {@code ota.gateway.quotas.others=0} is set by who starts this JVM. */
  static Stack start(Path dir) {
    var settings = Settings.openOrMake(dir, Settings.Ports.FREE, Duration.ofMinutes(1));
    // First: it connects when it is asked, and what fails then leaves nothing behind.
    var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.address(Part.KAFKA)));
    try {
      return new Stack(settings, SeparateStack.start(settings), admin);
    } catch (RuntimeException failed) {
      admin.close(Duration.ZERO);
      throw failed;
    }
  }

  Settings settings() {
    return settings;
  }

  Admin admin() {
    return admin;
  }

  /** Calls one after the other, for what is set up. */
  ApiClient api() {
    return ApiClient.of(settings);
  }

  /** The database of a service, with its owner's rights. */
  Connection database(Part part) throws SQLException {
    return DriverManager.getConnection(databaseUrl(part), part.database(), settings.databasePassword());
  }

  String databaseUrl(Part part) {
    return "jdbc:postgresql://" + settings.address(Part.POSTGRES) + "/" + part.database();
  }

  /** Waits until every service has decided on all that is in its topics, so that nothing of one phase burdens the next. */
  void settle() throws SQLException, InterruptedException {
    long giveUp = System.nanoTime() + SETTLED_WITHIN.toNanos();
    // Twice the same: what is decided on may lead to more.
    for (int quiet = 0; quiet < 2;) {
      quiet = isSettled() ? quiet + 1 : 0;
      if (System.nanoTime() > giveUp) {
        throw new IllegalStateException("stack: still at work (expected: settled in " + SETTLED_WITHIN + ")");
      }
      Thread.sleep(50);
    }
  }

  private boolean isSettled() throws SQLException, InterruptedException {
    var positions = new HashMap<TopicPartition, Long>();
    for (var part : READS.keySet()) {
      try (var connection = database(part);
          var statement = connection.createStatement();
          var rows = statement.executeQuery("select topic, partition, position from consumer_position")) {
        while (rows.next()) {
          positions.put(new TopicPartition(rows.getString(1), rows.getInt(2)), rows.getLong(3));
        }
      }
    }
    var latest = new HashMap<TopicPartition, OffsetSpec>();
    READS.values().forEach(topics -> topics.forEach(topic -> IntStream.range(0, Topics.PARTITIONS)
        .forEach(partition -> latest.put(new TopicPartition(topic, partition), OffsetSpec.latest()))));
    try {
      return admin.listOffsets(latest).all().get().entrySet().stream()
          .allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue().offset());
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** The JVMs of its parts. */
  List<ProcessHandle> jvms() {
    return jvms(settings.dir());
  }

  /** Those of the parts that have their state in a directory. */
  static List<ProcessHandle> jvms(Path dir) {
    return new Processes(dir).running().stream().map(Processes.Running::handle)
        .filter(process -> process.info().command().filter(command -> command.endsWith("java")).isPresent()).toList();
  }

  /** Bytes of each part, PostgreSQL's server apart from the JVM that started it. */
  Map<String, Long> memory() {
    var memory = new LinkedHashMap<String, Long>();
    new Processes(settings.dir()).running()
        .forEach(running -> memory.put(running.name(), StatusReport.memory(running.handle())));
    return memory;
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
    parts.close();
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
