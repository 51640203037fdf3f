// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Http.Call;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.localstack.Part;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import reactor.core.publisher.Mono;

/** Tasks that come due together: made by the API like any others, then moved in time. */
final class Deadlines {
  private static final Pattern JOB = Pattern.compile("\"JobId\":\"([^\"]+)\"");
  private static final int LANES = 32;
  private static final int TRIES = 5;
  private static final int TASKS_OF_A_JOB = 10;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Stack stack;
  private final Set<String> tasks;
  private final Instant at;
  private final Map<TopicPartition, Long> firstEvents;
  private final Map<TopicPartition, Long> firstInputs;

  private Deadlines(Stack stack, Set<String> tasks, Instant at) throws InterruptedException {
    this.stack = stack;
    this.tasks = tasks;
    this.at = at;
    this.firstEvents = ends(stack, Topics.FIRMWARE_EVENTS);
    this.firstInputs = ends(stack, Topics.DEVICE_INPUTS);
  }

  /**
   * Creates so many tasks and lets all of them come due at one instant.
   *
   * @param ahead from now on; long enough for the statement that moves them
   */
  static Deadlines of(int count, Duration ahead, Stack stack, Firmwares firmwares, Function<Call, Mono<String>> api)
      throws SQLException, InterruptedException {
    Queue<String> jobs = new ConcurrentLinkedQueue<>();
    var next = firmwares.nextJob();
    int wanted = count / TASKS_OF_A_JOB;
    for (int tries = 0; jobs.size() < wanted; tries++) {
      if (tries == TRIES) {
        throw new IllegalStateException("jobs: %d (expected: %d)".formatted(jobs.size(), wanted));
      }
      Load.closed(LANES, 0, wanted - jobs.size(), () -> api.apply(next.get()).doOnNext(answer -> {
        var id = JOB.matcher(answer);
        if (id.find()) {
          jobs.add(id.group(1));
        }
      }));
    }
    stack.settle();
    var tasks = jobs.stream().flatMap(job -> IntStream.range(0, TASKS_OF_A_JOB)
        .mapToObj(number -> TaskId.of(new JobId(job), number).value())).collect(Collectors.toSet());
    var deadlines = new Deadlines(stack, tasks, Instant.now().plus(ahead).truncatedTo(ChronoUnit.MILLIS));
    deadlines.move();
    return deadlines;
  }

  /** A deadline is the job's creation and the time to start, so it is as if the job had been created earlier. */
  private void move() throws SQLException {
    try (var connection = stack.database(Part.DEVICE_DISPATCHER);
        var update = connection.prepareStatement(
            """
            update device_task set deadline_at = d.at, assignment = assignment::jsonb || jsonb_build_object('created_at', to_char(
              (d.at - (assignment ->> 'timeout')::interval) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
            from (select ?::timestamptz as at) d where task_id = any(?) and deadline_at is not null""")) {
      update.setTimestamp(1, Timestamp.from(at));
      update.setArray(2, connection.createArrayOf("text", tasks.toArray()));
      int moved = update.executeUpdate();
      if (moved != tasks.size() || !Instant.now().isBefore(at)) {
        throw new IllegalStateException("deadlines: %d moved by %s (expected: %d before %s)".formatted(moved,
            Instant.now(), tasks.size(), at));
      }
    }
  }

  /** When they come due. */
  Instant at() {
    return at;
  }

  /** Returns when none is open and all that follows from it is done; fails two minutes after the deadline. */
  void awaitDecided() throws SQLException, InterruptedException {
    // Until then there is nothing to see, and looking would only disturb.
    Thread.sleep(Duration.between(Instant.now(), at));
    try (var connection = stack.database(Part.DEVICE_DISPATCHER);
        var open = connection.prepareStatement("select from device_task where deadline_at = ? limit 1")) {
      open.setTimestamp(1, Timestamp.from(at));
      while (isAny(open)) {
        if (Instant.now().isAfter(at.plus(PATIENCE))) {
          throw new IllegalStateException("tasks: open (expected: none " + PATIENCE + " after their deadline)");
        }
        Thread.sleep(POLL);
      }
    }
    stack.settle();
  }

  private static boolean isAny(PreparedStatement query) throws SQLException {
    try (var rows = query.executeQuery()) {
      return rows.next();
    }
  }

  /**
   * How late each was decided: the time of the record that says so, less the deadline. Read afterwards, so that reading costs nothing
   * meanwhile.
   *
   * @throws IllegalStateException if one was not decided, not by its deadline, or before it
   */
  Measured lateness() throws InterruptedException {
    var lateness = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
    var waiting = new HashSet<>(tasks);
    long last = 0;
    try (var consumer = new KafkaConsumer<>(
        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.settings().address(Part.KAFKA),
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false),
        new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(firstEvents.keySet());
      firstEvents.forEach(consumer::seek);
      var ends = ends(stack, Topics.FIRMWARE_EVENTS);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (var record : consumer.poll(POLL)) {
          var headers = KafkaRecords.textOf(record.headers());
          if (Wire.decode(headers, record.value(), FirmwareEvent.class).data() instanceof TaskFailed failed
              && waiting.remove(failed.taskId().value())) {
            long late = record.timestamp() - at.toEpochMilli();
            if (failed.reason() != TaskFailed.Reason.START_TIMEOUT || late < 0) {
              throw new IllegalStateException("task: failed by %s after %d ms (expected: by its deadline, after it)"
                  .formatted(failed.reason(), late));
            }
            lateness.recordValue(TimeUnit.MILLISECONDS.toMicros(late));
            last = Math.max(last, late);
          }
        }
      }
    }
    if (!waiting.isEmpty()) {
      throw new IllegalStateException("tasks: " + waiting.size() + " not decided (expected: all)");
    }
    return new Measured(tasks.size() * 1000.0 / Math.max(1, last), lateness, 0);
  }

  /** The inputs that were written of all devices since, for each task that came due. */
  double inputsOfEach() throws InterruptedException {
    var ends = ends(stack, Topics.DEVICE_INPUTS);
    return (double) firstInputs.entrySet().stream()
        .mapToLong(first -> ends.getOrDefault(first.getKey(), 0L) - first.getValue()).sum() / tasks.size();
  }

  private static Map<TopicPartition, Long> ends(Stack stack, String topic) throws InterruptedException {
    var latest = IntStream.range(0, Topics.PARTITIONS).boxed().collect(Collectors.toMap(
        partition -> new TopicPartition(topic, partition), partition -> OffsetSpec.latest()));
    try {
      var ends = new HashMap<TopicPartition, Long>();
      stack.admin().listOffsets(latest).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
      return ends;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
