// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Figures.Side;
import dev.otaverify.bench.Figures.Target;
import dev.otaverify.bench.Http.Call;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.localinfra.LocalPostgres;
import dev.otaverify.localstack.Part;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * How late deadlines are kept when many fall on one instant, beside a great number of open tasks that are not due; and what that costs calls
 * made meanwhile.
 *
 * <pre>
 *   load begins          deadline-12s      -2s -1s          deadline                    +9s
 *   │ warm-up            │ none are due     │   │ all come due │ and are decided on      │
 * </pre>
 */
final class TimersComparison implements Comparison {
  private static final int LANES = 8;
  private static final int SPARE = 100;
  private static final int CALLS_TO_ESTIMATE = 500;
  private static final double MORE_THAN_ESTIMATED = 3;
  private static final Duration AHEAD = Duration.ofSeconds(6);
  private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(100);
  private static final Duration WARM_UP = Duration.ofSeconds(8);
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final Duration BEFORE = Duration.ofSeconds(1);
  private static final Duration LOAD = WARM_UP.plus(WINDOW.multipliedBy(2)).plus(BEFORE);
  private static final int TASKS_OF_A_JOB = 10;

  private final int tasks;
  private final int due;

  /**
   * Of these sizes.
   *
   * @param tasks open all the time
   * @param due that come due at one instant, each time
   */
  TimersComparison(int tasks, int due) {
    this.tasks = tasks;
    this.due = due;
  }

  @Override
  public String name() {
    return "timers";
  }

  @Override
  public String other() {
    return "a stack with no other open tasks; of create: 10 s without deadlines on the same stack";
  }

  /** One of the two stacks. */
  private record One(Side side, Stack stack, Firmwares firmwares, Function<Call, Mono<String>> api) {
    static One of(Side side, Stack stack, Http http) {
      return new One(side, stack, new Firmwares(stack, http), http.api(stack.settings()));
    }

    /** Makes firmware and devices, so that there are enough for so many jobs, and for some that are refused. */
    void prepare(int jobs) throws SQLException, InterruptedException {
      firmwares.prepare(Math.max(1, jobs + SPARE - firmwares.free().size()));
      stack.settle();
    }
  }

  @Override
  public Figures run(Path dir, int rounds, PrintStream out) throws Exception {
    var figures = new Figures();
    try (var many = Stack.start(dir.resolve("many"));
        var none = Stack.start(dir.resolve("none"));
        var http = new Http()) {
      var with = One.of(Side.STACK, many, http);
      var without = One.of(Side.OTHER, none, http);
      load(with, out);
      for (var one : List.of(without, with)) {
        WarmUp.with(one.side().toString(), one.stack().jvms(), LONGEST_WARM_UP, out,
            () -> print(out, 0, one, "to begin with", alone(one).lateness()));
      }
      for (int round = 1; round <= rounds; round++) {
        for (var one : List.of(without, with)) {
          var deadlines = alone(one);
          var lateness = deadlines.lateness();
          double inputs = deadlines.inputsOfEach();
          figures.addLatency("lateness", one.side(), lateness);
          figures.add("inputs written for each deadline", one.side(), inputs);
          print(out, round, one, "nothing else to do, %.2f inputs each".formatted(inputs), lateness);
        }
        besideCalls(with, figures, round, out);
      }
      if (http.firstRefusal() != null) {
        out.println("first refusal: " + http.firstRefusal());
      }
    }
    figures.expect("lateness p99, ms", Target.atMost(1000));
    figures.expect("create/s at 8 while all come due", Target.ratioAtLeast(0.8));
    return figures;
  }

  private Deadlines alone(One one) throws Exception {
    one.prepare(due / TASKS_OF_A_JOB);
    var deadlines = Deadlines.of(due, AHEAD, one.stack(), one.firmwares(), one.api());
    deadlines.awaitDecided();
    return deadlines;
  }

  private void besideCalls(One one, Figures figures, int round, PrintStream out) throws Exception {
    var next = one.firmwares().nextJob();
    one.prepare(CALLS_TO_ESTIMATE + due / TASKS_OF_A_JOB);
    double estimate = Load.closed(LANES, 0, CALLS_TO_ESTIMATE, () -> one.api().apply(next.get())).perSecond();
    one.prepare((int) (estimate * LOAD.toSeconds() * MORE_THAN_ESTIMATED) + due / TASKS_OF_A_JOB);
    var deadlines = Deadlines.of(due, LOAD.minus(WINDOW).plus(BEFORE), one.stack(), one.firmwares(), one.api());
    var begin = deadlines.at().minus(BEFORE);
    var calls = Steady.begin(LANES, () -> one.api().apply(next.get()));
    Thread.sleep(Duration.between(Instant.now(), begin.plus(WINDOW)));
    calls.end();
    deadlines.awaitDecided();
    if (one.firmwares().free().isEmpty()) {
      throw new IllegalStateException("firmware: none left (expected: more than %,.0f calls a second use)"
          .formatted(estimate));
    }
    double before = calls.perSecond(begin.minus(BEFORE).minus(WINDOW), begin.minus(BEFORE));
    double during = calls.perSecond(begin, begin.plus(WINDOW));
    var lateness = deadlines.lateness();
    figures.addLatency("lateness beside create at 8", one.side(), lateness);
    figures.add("create/s at 8 while all come due", Side.STACK, during);
    figures.add("create/s at 8 while all come due", Side.OTHER, before);
    print(out, round, one, "create %,.0f/s before, %,.0f/s in the 10 s of the deadline, %d failed".formatted(before,
        during, calls.failed()), lateness);
  }

  private void print(PrintStream out, int round, One one, String beside, Measured lateness) {
    out.printf("round %d, %,9d other tasks, %s: %,d decided %,.0f ms late (p50), %,.0f (p99), %,.0f (last)%n", round,
        one.side() == Side.STACK ? tasks : 0, beside, lateness.latency().getTotalCount(), lateness.milliseconds(50),
        lateness.milliseconds(99), lateness.milliseconds(100));
  }

  /**
   * Fills the dispatcher's tables with the rows of a fleet that is offline, like those of one device that was there and left, and has a task
   * since. Deadlines lie 23 to 24 hours ahead.
   */
  private void load(One one, PrintStream out) throws Exception {
    long begun = System.nanoTime();
    one.prepare(0);
    var template = new DeviceId(new ProductKey(one.firmwares().product()), new DeviceName("bench-00000000"));
    var now = Instant.now();
    Heard.in(one.stack(), List.of(new DeviceInput.Connected(template, 1, "127.0.0.1:40000", now),
        new DeviceInput.VersionReported(template, ModuleName.DEFAULT, "1.0.0", now),
        new DeviceInput.Disconnected(template, 1, now)));
    one.api().apply(one.firmwares().nextJob().get()).block(Duration.ofSeconds(30));
    one.stack().settle();
    var name = "'other-' || lpad(i::text, 8, '0')";
    var task = "left(md5((i / 10)::text), 28) || lpad((i % 10)::text, 6, '0') || '01'";
    var deadline = "t.deadline_at - i * (interval '1 hour' / " + tasks + ")";
    var postgres = LocalPostgres.endpoint(one.stack().settings().dir().resolve("postgres"));
    try (var connection = postgres.connect(Part.DEVICE_DISPATCHER.database());
        var statement = connection.createStatement()) {
      Copies.in(connection, "device").but("device_name", name).make(
          "device t, generate_series(1, %d) i where t.device_name = 'bench-00000000'".formatted(tasks), tasks);
      Copies.in(connection, "device_task").but("task_id", task).but("device_name", name)
          .but("deadline_at", deadline)
          .but("assignment",
              """
              t.assignment::jsonb || jsonb_build_object('task_id', %s, 'device', t.assignment::jsonb -> 'device'
                || jsonb_build_object('device_name', %s), 'created_at',
                to_char((%s - (t.assignment ->> 'timeout')::interval) at time zone 'UTC',
                  'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))""".formatted(task, name, deadline))
          .make("device_task t, generate_series(1, %d) i where t.device_name = 'bench-00000000'".formatted(tasks),
              tasks);
      statement.execute("checkpoint");
      try (var row = statement.executeQuery("select pg_database_size(current_database())")) {
        row.next();
        out.printf("%,d open tasks loaded in %.0f s: %,d MiB%n", tasks, (System.nanoTime() - begun) / 1e9,
            row.getLong(1) >> 20);
      }
    }
  }
}
