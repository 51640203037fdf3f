// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import static dev.otaverify.dispatcher.device.Story.DEVICE;
import static dev.otaverify.dispatcher.device.Story.OTHER_TASK;
import static dev.otaverify.dispatcher.device.Story.POLICY;
import static dev.otaverify.dispatcher.device.Story.PRODUCT;
import static dev.otaverify.dispatcher.device.Story.T0;
import static dev.otaverify.dispatcher.device.Story.TASK;
import static dev.otaverify.dispatcher.device.Story.TIMEOUT;
import static dev.otaverify.dispatcher.device.Story.assign;
import static dev.otaverify.dispatcher.device.Story.cancel;
import static dev.otaverify.dispatcher.device.Story.confirm;
import static dev.otaverify.dispatcher.device.Story.connected;
import static dev.otaverify.dispatcher.device.Story.deadline;
import static dev.otaverify.dispatcher.device.Story.delta;
import static dev.otaverify.dispatcher.device.Story.disconnected;
import static dev.otaverify.dispatcher.device.Story.fetch;
import static dev.otaverify.dispatcher.device.Story.full;
import static dev.otaverify.dispatcher.device.Story.progress;
import static dev.otaverify.dispatcher.device.Story.pushDue;
import static dev.otaverify.dispatcher.device.Story.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.contracts.FirmwareEvent.TaskDeviceObserved;
import dev.otaverify.contracts.FirmwareEvent.TaskNotified;
import dev.otaverify.contracts.FirmwareEvent.TaskProgressed;
import dev.otaverify.contracts.FirmwareEvent.TaskSucceeded;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.dispatcher.TestTables;
import dev.otaverify.dispatcher.device.Outbound;
import dev.otaverify.kit.retention.Retention;
import dev.otaverify.kit.sql.DatabaseException;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Outgoing;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Step;
import dev.otaverify.kit.unit.Transaction;
import dev.otaverify.kit.unit.UndecidableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DeviceInputHandlerIT {
  private static final ModuleName MCU = new ModuleName("mcu");

  private final List<Outbound> sent = new ArrayList<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final DeviceInputHandler handler = new DeviceInputHandler(POLICY,
      (said, now) -> () -> sent.add(said.message()), new TaskMetrics(registry));
  private final TestTables tables = new TestTables();

  private Output unit(Instant now, DeviceInput... inputs) {
    var output = tables.unit(handler, now, List.of(inputs));
    output.effects().forEach(Runnable::run);
    return output;
  }

  private static List<Message<FirmwareEvent>> events(Output output) {
    return TestTables.published(output, Topics.FIRMWARE_EVENTS, FirmwareEvent.class);
  }

  private static Message<FirmwareEvent> event(long number, Instant at, FirmwareEvent.TaskEvent event) {
    return Message.event("/otaverify/device-dispatcher", event.taskId().value(), number, at, event);
  }

  @Test
  void aTaskLivesThroughManyUnitsWithNumbersWithoutAGap() {
    var begun = T0.plusSeconds(20);
    var output = unit(T0, connected(7), version("1.0.0"));
    assertThat(TestTables.published(output, Topics.REGISTRY_EVENTS, RegistryEvent.class)).extracting(Message::id)
        .containsExactly("device-dispatcher:" + DEVICE.key() + ":1", "device-dispatcher:" + DEVICE.key() + ":2");
    assertThat(output.records()).extracting(Outgoing::key).containsOnly(PRODUCT.value());

    output = unit(T0, assign());
    assertThat(events(output)).containsExactly(event(1, T0, new TaskNotified(TASK, DEVICE, 1, "1.0.0", T0)));
    assertThat(output.records()).extracting(Outgoing::key).containsOnly(TASK.firmwareId().value());
    assertThat(output.records()).extracting(Outgoing::step).containsOnly(Step.FIRST);
    assertThat(sent).containsExactly(new Outbound.Push(assign(), 1));

    assertThat(events(unit(begun, progress(10), progress(20, "half")))).containsExactly(
        event(2, begun, new TaskProgressed(TASK, DEVICE, 10, "", begun)),
        event(3, begun, new TaskProgressed(TASK, DEVICE, 20, "half", begun)));
    assertThat(tables.rows("select to_jsonb(t) - 'assignment' from device_task t")).singleElement().asString()
        .contains("\"status\":\"IN_PROGRESS\"", "\"percent\":20", "\"description\":\"half\"", "\"event_number\":3",
            "\"deadline_at\":\"" + begun.plus(TIMEOUT).toString().replace("Z", "+00:00"));

    assertThat(events(unit(begun, version("2.0.0")))).containsExactly(
        event(4, begun, new TaskSucceeded(TASK, DEVICE, "2.0.0", begun)));
    assertThat(unit(begun.plus(TIMEOUT), deadline(begun.plus(TIMEOUT)), progress(-1), cancel()).records()).isEmpty();
    assertThat(tables.rows("select to_jsonb(status) from device_task")).singleElement().asString()
        .isEqualTo("\"SUCCEEDED\"");
  }

  @Test
  void ofADeviceThatComesAndGoesForEverWhatOnlyExplainsIsLeftOutAndWhatMovesIsNot() {
    unit(T0, assign(TASK, full(), false, false));
    var published = new ArrayList<Message<FirmwareEvent>>();
    for (int session = 1; session <= 300; session += 100) {
      var inputs = IntStream.range(session, session + 100).boxed()
          .flatMap(number -> Stream.of(connected(number), disconnected(number))).toArray(DeviceInput[]::new);
      published.addAll(events(unit(T0, inputs)));
    }
    assertThat(published).hasSize(500).extracting(Message::data).hasOnlyElementsOfType(TaskDeviceObserved.class);

    assertThat(events(unit(T0, fetch()))).containsExactly(event(501, T0, new TaskNotified(TASK, DEVICE, 1, null, T0)));
    var later = T0.plusSeconds(1);
    assertThat(events(unit(later, progress(10, "a"), progress(5, "b"), progress(10, "c"), progress(11), progress(10),
        progress(12, "d"), progress(12, "e")))).containsExactly(
            event(502, later, new TaskProgressed(TASK, DEVICE, 10, "a", later)),
            event(503, later, new TaskProgressed(TASK, DEVICE, 11, "", later)),
            event(504, later, new TaskProgressed(TASK, DEVICE, 12, "d", later)));
    assertThat(events(unit(later.plusSeconds(1), progress(-2)))).extracting(Message::data).singleElement()
        .isInstanceOf(TaskFailed.class);
  }

  /** Kafka's producer may write again what is under way, behind what is later. */
  @Test
  void whatStandsInTheLogTwiceCountsOnce() {
    var old = TestTables.incoming(version("1.0.0"));
    var early = TestTables.incoming(progress(10));
    tables.unitOf(handler, T0, List.of(TestTables.incoming(connected(7)), old, TestTables.incoming(assign())));
    tables.unitOf(handler, T0.plusSeconds(1), List.of(early, TestTables.incoming(progress(20)), early));

    assertThat(tables.unitOf(handler, T0.plusSeconds(2), List.of(early, old)).records()).isEmpty();
    assertThat(events(unit(T0.plusSeconds(3), version("2.0.0")))).extracting(Message::data)
        .containsExactly(new TaskSucceeded(TASK, DEVICE, "2.0.0", T0.plusSeconds(3)));
    assertThat(tables.unitOf(handler, T0.plusSeconds(4), List.of(old)).records()).isEmpty();
    IntStream.range(0, 100).forEach(i -> unit(T0.plusSeconds(5), version("2.0.0")));
    assertThat(tables.rows("select to_jsonb(jsonb_array_length(heard)) from device")).singleElement().asString()
        .isEqualTo("32");
  }

  @Test
  void aUnitThatRunsAgainAfterItWasUndoneComesToTheSame() {
    unit(T0, connected(7), version("1.0.0"));
    var inputs = List.of(TestTables.incoming(assign()), TestTables.incoming(progress(1)));

    var first = undone(inputs);
    var second = undone(inputs);

    assertThat(texts(first)).isEqualTo(texts(second)).hasSize(2);
    assertThat(tables.rows("select to_jsonb(t) from device_task t")).isEmpty();
  }

  private Output undone(List<Incoming<DeviceInput>> inputs) {
    var output = new AtomicReference<Output>();
    assertThatThrownBy(() -> tables.database().transaction(sql -> {
      output.set(handler.handle(new Transaction(sql, T0), inputs));
      throw new CancellationException("undone");
    })).hasMessage("undone");
    return Objects.requireNonNull(output.get());
  }

  private static List<String> texts(Output output) {
    return output.records().stream().map(DeviceInputHandlerIT::text).toList();
  }

  private static String text(Outgoing outgoing) {
    return outgoing.topic() + " " + outgoing.key() + " " + outgoing.headers().get("ce_id") + " "
        + new String(Objects.requireNonNull(outgoing.value()), StandardCharsets.UTF_8);
  }

  @Test
  void anEndedTaskMakesPlaceForTheNextInTheSameUnit() {
    // The later task has the smaller id, or the larger: either way the one that ended has to be written first.
    unit(T0, connected(7), version("1.0.0"), assign());
    unit(T0, cancel(), assign(OTHER_TASK, full(), true, false));
    unit(T0, new DeviceInput.CancelTask(DEVICE, OTHER_TASK, T0), assign());

    assertThat(tables.rows("select to_jsonb(task_id || ' ' || status) from device_task order by task_id"))
        .extracting(Object::toString)
        .containsExactlyInAnyOrder("\"" + TASK + " CANCELED\"", "\"" + OTHER_TASK + " CANCELED\"");
  }

  @Test
  void aTaskThatEndedLongAgoIsNotAssignedAgain() {
    unit(T0, connected(7), version("1.0.0"), assign());
    unit(T0, progress(-1));
    sent.clear();

    assertThat(unit(T0, assign()).records()).isEmpty();
    assertThat(sent).isEmpty();
  }

  @Test
  void aBusyDeviceIsToldOfTheNewTaskOnly() {
    unit(T0, connected(7), version("1.0.0"), assign());

    var output = unit(T0, assign(OTHER_TASK, full(), true, false));

    assertThat(events(output)).singleElement().satisfies(message -> {
      assertThat(message.id()).isEqualTo("device-dispatcher:" + OTHER_TASK + ":1");
      assertThat(message.data()).isInstanceOfSatisfying(TaskFailed.class,
          failed -> assertThat(failed.reason()).isEqualTo(TaskFailed.Reason.DEVICE_BUSY));
    });
  }

  @Test
  void aThereAndBackInOneUnitKeepsTheNumbersGoing() {
    unit(T0, connected(7), version("1.0.0"), assign(), progress(10));
    unit(T0, progress(20), progress(10));

    assertThat(events(unit(T0, progress(30)))).extracting(Message::sequence).containsExactly(5L);

    unit(T0, connected(8), disconnected(8), connected(9));
    var output = unit(T0, new DeviceInput.VersionReported(DEVICE, MCU, "1", T0),
        new DeviceInput.VersionReported(DEVICE, MCU, "2", T0),
        new DeviceInput.VersionReported(DEVICE, MCU, "1", T0));
    assertThat(TestTables.published(output, Topics.REGISTRY_EVENTS, RegistryEvent.class)).extracting(Message::sequence)
        .containsExactly(5L, 6L, 7L);
    output = unit(T0, new DeviceInput.VersionReported(DEVICE, MCU, "2", T0),
        new DeviceInput.VersionReported(DEVICE, MCU, "1", T0));
    assertThat(TestTables.published(output, Topics.REGISTRY_EVENTS, RegistryEvent.class)).extracting(Message::sequence)
        .containsExactly(8L, 9L);
    output = unit(T0, new DeviceInput.VersionReported(DEVICE, MCU, "3", T0));
    assertThat(TestTables.published(output, Topics.REGISTRY_EVENTS, RegistryEvent.class)).extracting(Message::sequence)
        .containsExactly(10L);
  }

  @Test
  void whatNoDeviceCanMeanIsRefused() {
    assertThatThrownBy(() -> unit(T0, progress(101))).isInstanceOf(UndecidableException.class)
        .hasMessage("step: 101 (expected: -4 to 100)");
    assertThatThrownBy(() -> unit(T0, progress(-5))).isInstanceOf(UndecidableException.class);
    assertThatThrownBy(() -> unit(T0, version("x".repeat(257)))).isInstanceOf(UndecidableException.class)
        .hasMessage("version: 257 characters (expected: 1 to 256)");
    // The database cannot store it, which makes it the record's fault, not that of the system.
    assertThatThrownBy(() -> unit(T0, version("1\u0000"))).isInstanceOfSatisfying(DatabaseException.class,
        refused -> assertThat(refused.isForItsData() && !refused.isTaken()).isTrue());
    assertThat(tables.rows("select to_jsonb(d) from device d")).isEmpty();
  }

  @Test
  void anInputThatChangesNothingWritesNothing() {
    assertThat(unit(T0, progress(10), cancel(), confirm(), disconnected(Long.MIN_VALUE)).records()).isEmpty();

    assertThat(tables.rows("select to_jsonb(d) from device d")).isEmpty();
  }

  /** However the log is cut into batches, the same records come out and the same rows remain. */
  @Test
  void batchesAreWhatTheirInputsAre() {
    for (long seed = 0; seed < 6; seed++) {
      var inputs = inputs(new Random(seed));
      var oneByOne = folded(inputs, () -> 1);
      var sizes = new Random(seed);

      var batched = folded(inputs, () -> 1 + sizes.nextInt(20));

      assertThat(batched).as("seed %d", seed).isEqualTo(oneByOne);
      assertThat(oneByOne.records()).as("seed %d", seed).hasSizeGreaterThan(20);
    }
  }

  @Test
  void aTaskThatStartsAndEndsIsCountedOnceItsUnitsAreCommitted() {
    unit(T0, connected(1), version("1.0.0"), assign(TASK, full(), true, false));
    unit(T0.plusSeconds(7), version("2.0.0"));
    unit(T0.plusSeconds(8), version("2.0.0"));

    assertThat(registry.get("ota.tasks.ended").tag("outcome", "succeeded").counter().count()).isEqualTo(1);
    assertThat(registry.get("ota.tasks.ended").tag("outcome", "start_timeout").counter().count()).isZero();
    assertThat(registry.get("ota.push.to.start").timer().count()).isEqualTo(1);
    assertThat(registry.get("ota.push.to.start").timer().totalTime(TimeUnit.SECONDS)).isEqualTo(7);
  }

  @Test
  void whatADeviceReportsIsPartOfTheTraceThatItsTaskWasAssignedIn() {
    var trace = Map.of("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    var said = new ArrayList<Said>();
    var tracing = new DeviceInputHandler(POLICY, (message, now) -> () -> said.add(message),
        new TaskMetrics(registry));
    unit(T0, connected(1), version("1.0.0"));

    var assigned = tables.unitOf(tracing, T0, List.of(TestTables.incoming(assign(TASK, full(), true, false), trace)));
    assigned.effects().forEach(Runnable::run);
    var reported = unit(T0, version("2.0.0"));

    assertThat(said).hasSize(1).allSatisfy(message -> assertThat(message.traceContext()).isEqualTo(trace));
    assertThat(reported.records()).filteredOn(sent -> sent.topic().equals(Topics.FIRMWARE_EVENTS)).isNotEmpty()
        .allSatisfy(event -> assertThat(event.headers()).containsAllEntriesOf(trace));
    assertThat(reported.records()).filteredOn(sent -> sent.topic().equals(Topics.REGISTRY_EVENTS)).isNotEmpty()
        .allSatisfy(event -> assertThat(event.headers()).doesNotContainKey("traceparent"));
  }

  @Test
  void aTaskThatEndedLongAgoIsRemovedAndWhatIsStillSaidOfItBeginsNothing() {
    unit(T0, connected(1), version("1.0.0"), assign());
    unit(T0.plusSeconds(60), progress(10), version("2.0.0"));
    unit(T0.plusSeconds(61), assign(OTHER_TASK, full(), false, false));
    var longAfter = T0.plus(Duration.ofDays(40));
    assertThat(tables.rows("select to_jsonb(task_id) from device_task where ended_at is not null"))
        .extracting(JsonNode::asString).containsExactly(TASK.value());

    // The times of the stories are fixed; when they ended is told to the database, by whose clock it is removed.
    remove("interval '29 days'");
    assertThat(tables.rows("select to_jsonb(task_id) from device_task")).hasSize(2);
    remove("interval '31 days'");
    assertThat(tables.rows("select to_jsonb(task_id) from device_task")).extracting(JsonNode::asString)
        .containsExactly(OTHER_TASK.value());

    assertThat(events(unit(longAfter, cancel(), confirm(), deadline(T0.plusSeconds(1800)), pushDue(T0)))).isEmpty();
    unit(longAfter, on(DEVICE, OTHER_TASK, cancel()));
    var late = unit(longAfter, progress(20), version("2.0.0"), version("3.0.0"), fetch());
    assertThat(events(late)).isEmpty();

    // Published once more by a job-service that was started anew: over at once, under a number that was taken, and in nobody's way.
    sent.clear();
    var again = unit(longAfter, assign(), assign(OTHER_TASK, full(), true, false));
    assertThat(events(again)).extracting(Message::sequence).containsExactly(1L);
    assertThat(events(again)).extracting(Message::data).singleElement()
        .isInstanceOfSatisfying(FirmwareEvent.TaskFailed.class, failed -> {
          assertThat(failed.taskId()).isEqualTo(TASK);
          assertThat(failed.reason()).isEqualTo(FirmwareEvent.TaskFailed.Reason.START_TIMEOUT);
        });
    assertThat(sent).isEmpty();
  }

  private void remove(String age) {
    tables.run("update device_task set ended_at = now() - " + age + " where task_id = '" + TASK + "'");
    try (var retention = new Retention(tables.connections(),
        List.of(new InputsConfiguration().tasks(Duration.ofDays(30))), Duration.ofHours(1), registry)) {
      retention.run().block();
    }
  }

  private record Folded(List<String> records, List<JsonNode> devices, List<JsonNode> tasks) {}

  private Folded folded(List<DeviceInput> inputs, IntSupplier sizes) {
    tables.clear();
    var records = new ArrayList<String>();
    for (int from = 0, to; from < inputs.size(); from = to) {
      to = Math.min(inputs.size(), from + sizes.getAsInt());
      records.addAll(texts(tables.unit(handler, T0, inputs.subList(from, to))));
    }
    return new Folded(records, tables.rows("select to_jsonb(d) - 'heard' from device d order by device_name"),
        tables.rows("select to_jsonb(t) - 'ended_at' from device_task t order by task_id"));
  }

  private static List<DeviceInput> inputs(Random random) {
    var devices = List.of(DEVICE, new DeviceId(PRODUCT, new DeviceName("device-2")));
    var inputs = new ArrayList<DeviceInput>();
    for (int i = 0; i < 120; i++) {
      var device = devices.get(random.nextInt(devices.size()));
      var task = TaskId.of(TASK.jobId(), random.nextInt(4) * 2 + devices.indexOf(device));
      inputs.add(on(device, task, switch (random.nextInt(12)) {
        case 0, 1 -> assign(TASK, random.nextBoolean() ? full() : delta(), true, random.nextInt(4) == 0);
        case 2 -> confirm();
        case 3 -> cancel();
        case 4, 5 -> version(List.of("1.0.0", "1.0.0", "1.5.0", "2.0.0").get(random.nextInt(4)));
        case 6 -> progress(random.nextInt(3) * 10);
        case 7 -> progress(random.nextInt(6) == 0 ? -1 : 10);
        case 8 -> fetch();
        case 9, 10 -> connected(i);
        default -> disconnected(i);
      }));
    }
    return inputs;
  }

  private static DeviceInput on(DeviceId device, TaskId task, DeviceInput input) {
    return switch (input) {
      case DeviceInput.AssignTask i -> new DeviceInput.AssignTask(device, task, i.firmware(), i.timeout(), i.needPush(),
          i.needConfirm(), i.tags(), i.createdAt());
      case DeviceInput.ConfirmTask i -> new DeviceInput.ConfirmTask(device, task, i.at());
      case DeviceInput.CancelTask i -> new DeviceInput.CancelTask(device, task, i.at());
      case DeviceInput.ForgetDevice i -> new DeviceInput.ForgetDevice(device, i.at());
      case DeviceInput.VersionReported i ->
        new DeviceInput.VersionReported(device, i.moduleName(), i.version(), i.at());
      case DeviceInput.ProgressReported i ->
        new DeviceInput.ProgressReported(device, i.moduleName(), i.step(), i.description(), i.at());
      case DeviceInput.FirmwareRequested i ->
        new DeviceInput.FirmwareRequested(device, i.moduleName(), i.messageId(), i.legacy(), i.at());
      case DeviceInput.Connected i -> new DeviceInput.Connected(device, i.session(), i.address(), i.at());
      case DeviceInput.Disconnected i -> new DeviceInput.Disconnected(device, i.session(), i.at());
      case DeviceInput.DeadlineReached i -> new DeviceInput.DeadlineReached(device, task, i.dueAt());
      case DeviceInput.PushDue i -> new DeviceInput.PushDue(device, task, i.dueAt());
    };
  }
}
