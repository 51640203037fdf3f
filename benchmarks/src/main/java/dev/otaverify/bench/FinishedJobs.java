// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Http.Call;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.localinfra.LocalPostgres;
import dev.otaverify.localstack.Part;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/**
 * Jobs that are verified: a few that the stack made, and any number of copies of one of them in the tables of its services. A copy differs
 * in its ids and names and has ended up to ten days ago, so that nothing of it is removed yet. It has one entry of history for each task;
 * the dispatcher keeps rows for a shorter time than the others, so it has those of one job in ten.
 */
final class FinishedJobs {
  private static final int MADE = 20;
  private static final int TASKS_OF_A_JOB = 10;
  private static final int JOBS_FOR_ONE_OF_THE_DISPATCHER = 10;
  private static final String SIZES = """
                                      select string_agg(format('%s %s', relname, n_live_tup), ', ' order by relname),
                                        pg_database_size(current_database())
                                      from pg_stat_user_tables where n_live_tup > 1000""";

  private final Stack stack;
  private final List<String> made;

  private FinishedJobs(Stack stack, List<String> made) {
    this.stack = stack;
    this.made = made;
  }

  /** Makes a few: their devices run an old version, are told, and run the new one. */
  static FinishedJobs make(Stack stack, Firmwares firmwares, Function<Call, Mono<String>> api) throws Exception {
    firmwares.prepare(MADE);
    stack.settle();
    var firmware = firmwares.free();
    var devices = IntStream.range(0, MADE * TASKS_OF_A_JOB).mapToObj(number -> new DeviceId(
        new ProductKey(firmwares.product()), new DeviceName("bench-%08d".formatted(number)))).toList();
    var now = Instant.now();
    Heard.in(stack, devices.stream().flatMap(device -> Stream.of(
        new DeviceInput.Connected(device, 1, "127.0.0.1:40000", now), version(device, "1.0.0"))).toList());
    var versions = versions(stack);
    var reports = new ArrayList<DeviceInput>();
    var next = firmwares.nextJob();
    for (int job = 0; job < MADE; job++) {
      var call = next.get();
      api.apply(call).block(Duration.ofSeconds(30));
      for (int number = 1; number <= TASKS_OF_A_JOB; number++) {
        var device = new DeviceId(new ProductKey(firmwares.product()),
            new DeviceName(call.parameters().getOrDefault("TargetDeviceName." + number, "")));
        reports.add(version(device, versions.getOrDefault(call.parameters().get("FirmwareId"), "")));
      }
    }
    stack.settle();
    Heard.in(stack, reports);
    var jobs = new FinishedJobs(stack, firmware);
    jobs.checkVerified();
    return jobs;
  }

  private static DeviceInput version(DeviceId device, String version) {
    return new DeviceInput.VersionReported(device, ModuleName.DEFAULT, version, Instant.now());
  }

  /** What devices report when they run a firmware, by its id. */
  private static Map<String, String> versions(Stack stack) throws SQLException {
    var versions = new HashMap<String, String>();
    try (var connection = stack.database(Part.STATUS_AGGREGATOR);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("select firmware_id, spec ->> 'dest_version' from firmware")) {
      while (rows.next()) {
        versions.put(rows.getString(1), rows.getString(2));
      }
    }
    return versions;
  }

  private void checkVerified() throws SQLException {
    try (var connection = stack.database(Part.STATUS_AGGREGATOR);
        var statement = connection.createStatement();
        var row = statement.executeQuery("select count(*) from firmware where status = 'VERIFIED'")) {
      row.next();
      if (row.getInt(1) != MADE) {
        throw new IllegalStateException("firmware: " + row.getInt(1) + " verified (expected: " + MADE + ")");
      }
    }
  }

  /** The firmware of the jobs that the stack made. */
  List<String> made() {
    return made;
  }

  /** The firmware of some of the copies. */
  List<String> loaded(int atMost) throws SQLException {
    var ids = new ArrayList<String>();
    try (var connection = stack.database(Part.STATUS_AGGREGATOR);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("""
                                          select firmware_id from firmware where spec ->> 'name' like 'copy-%%'
                                          order by random() limit %d""".formatted(atMost))) {
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
    }
    return ids;
  }

  /** What is done in the database of one service. */
  private interface Loading {
    void in(Connection connection, String stem) throws SQLException;
  }

  /** Makes the copies, and says what they take. */
  void load(int copies, PrintStream out) throws Exception {
    long begun = System.nanoTime();
    var stem = made.getFirst().substring(0, 20);
    // Two at a time, the longest first: each has a server process of its own.
    try (var threads = Executors.newFixedThreadPool(2)) {
      List<Callable<Void>> loads = List.of(
          () -> load(Part.STATUS_AGGREGATOR, copies, stem, (connection, job) -> aggregator(connection, job, copies)),
          () -> load(Part.STATUS_AGGREGATOR, copies, stem, (connection, job) -> history(connection, job, copies)),
          () -> load(Part.DEVICE_DISPATCHER, copies, stem, (connection, job) -> dispatcher(connection, job, copies)),
          () -> load(Part.JOB_SERVICE, copies, stem, (connection, job) -> jobService(connection, job, copies)));
      for (var load : threads.invokeAll(loads)) {
        load.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("load: failed (expected: all rows)", e.getCause());
    }
    out.printf("%,d finished jobs loaded in %.0f s%n", copies, (System.nanoTime() - begun) / 1e9);
    for (var part : List.of(Part.STATUS_AGGREGATOR, Part.JOB_SERVICE, Part.DEVICE_DISPATCHER)) {
      try (var connection = stack.database(part);
          var statement = connection.createStatement();
          var row = statement.executeQuery(SIZES)) {
        row.next();
        out.printf("  %s: %s: %,d MiB%n", part.id(), row.getString(1), row.getLong(2) >> 20);
      }
    }
  }

  private Void load(Part part, int copies, String firmware, Loading loading) throws SQLException {
    var postgres = LocalPostgres.endpoint(stack.settings().dir().resolve("postgres"));
    try (var connection = postgres.connect(part.database()); var statement = connection.createStatement()) {
      // Without triggers, those that check foreign keys among them: one by one that takes longer than all else.
      statement.execute("set session_replication_role = replica");
      // In the order of the ids, which keeps the indexes in memory while they grow.
      statement.execute("""
                        create temporary table copy as
                        select n, left(md5(n::text), 28) as stem, n * (interval '10 days' / %1$d) as age
                        from generate_series(1, %1$d) n order by 2""".formatted(copies));
      statement.execute("analyze copy");
      loading.in(connection, firmware);
      statement.execute("checkpoint");
    }
    return null;
  }

  private static void aggregator(Connection connection, String firmware, int copies) throws SQLException {
    Copies.in(connection, "firmware").but("firmware_id", "left(c.stem, 20) || '03'").but("spec", spec())
        .but("job_id", "c.stem || '02'").earlier("c.age", "created_at", "modified_at")
        .make("copy c, firmware t where t.firmware_id = '%s03'".formatted(firmware), copies);
    Copies.in(connection, "job").but("job_id", "c.stem || '02'").but("firmware_id", "left(c.stem, 20) || '03'")
        .earlier("c.age", "created_at", "ended_at", "modified_at")
        .make("copy c, job t where t.firmware_id = '%s03'".formatted(firmware), copies);
    Copies.in(connection, "task").but("task_id", taskId()).but("job_id", "c.stem || '02'")
        .but("device_name", deviceName()).but("iot_id", "left(t.iot_id, 11) || left(md5(c.stem || t.task_id), 19)")
        .but("history_length", "2")
        .earlier("c.age", "created_at", "modified_at")
        .make("copy c, task t where left(t.task_id, 20) = '%s'".formatted(firmware), (long) copies * TASKS_OF_A_JOB);
  }

  private static void history(Connection connection, String firmware, int copies) throws SQLException {
    Copies.in(connection, "task_history").but("task_id", taskId()).earlier("c.age", "at")
        .make("copy c, task_history t where left(t.task_id, 20) = '%s' and t.number = 2".formatted(firmware),
            (long) copies * TASKS_OF_A_JOB);
  }

  private static void jobService(Connection connection, String firmware, int copies) throws SQLException {
    Copies.in(connection, "firmware").but("firmware_id", "left(c.stem, 20) || '03'").but("name", "'copy-' || c.n")
        .but("spec", spec()).earlier("c.age", "created_at")
        .make("copy c, firmware t where t.firmware_id = '%s03'".formatted(firmware), copies);
    Copies.in(connection, "verify_job").but("job_id", "c.stem || '02'")
        .but("firmware_id", "left(c.stem, 20) || '03'")
        .but("targets", "replace(t.targets::text, left(t.job_id, 28), c.stem)::jsonb")
        .earlier("c.age", "created_at", "concluded_at")
        .make("copy c, verify_job t where t.firmware_id = '%s03'".formatted(firmware), copies);
  }

  private static void dispatcher(Connection connection, String firmware, int copies) throws SQLException {
    int jobs = copies / JOBS_FOR_ONE_OF_THE_DISPATCHER;
    Copies.in(connection, "device_task").but("task_id", taskId()).but("device_name", deviceName())
        .but("assignment",
            """
            t.assignment::jsonb || jsonb_build_object('task_id', %s, 'device', t.assignment::jsonb -> 'device'
              || jsonb_build_object('device_name', %s))""".formatted(taskId(), deviceName()))
        .earlier("c.age", "ended_at")
        .make("copy c, device_task t where left(t.task_id, 20) = '%s' and c.n <= %d".formatted(firmware, jobs),
            (long) jobs * TASKS_OF_A_JOB);
  }

  private static String taskId() {
    return "c.stem || right(t.task_id, 8)";
  }

  private static String deviceName() {
    return "'copy-' || lpad(c.n::text, 8, '0') || substr(t.task_id, 34, 1)";
  }

  private static String spec() {
    return "t.spec || jsonb_build_object('name', 'copy-' || c.n)";
  }
}
