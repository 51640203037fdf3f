// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerified;
import dev.otaverify.contracts.FirmwareEvent.JobCompleted;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.contracts.Wire;
import dev.otaverify.contracts.query.FirmwareAnswer;
import dev.otaverify.contracts.query.FirmwareQuestion;
import dev.otaverify.contracts.query.FirmwareStatus;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.contracts.query.HistoryEntry;
import dev.otaverify.contracts.query.HistoryEntry.Kind;
import dev.otaverify.contracts.query.TaskHistoryView;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.ModuleView;
import dev.otaverify.contracts.query.ProductView;
import dev.otaverify.contracts.query.JobStatus;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.kit.retention.Retention;
import dev.otaverify.kit.sql.ReactiveSql;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.context.ConfigurableApplicationContext;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;

/** The started service with real Kafka and PostgreSQL; the tests are the writers of the events, and the gateway. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StatusAggregatorIT {
  private static final String TOKEN = "a-token-only-for-this-test";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final ConfigurableApplicationContext SERVICE = started();
  private static final Producer<String, byte[]> PRODUCER = new KafkaProducer<>(
      Map.of("bootstrap.servers", TestInfra.kafkaBootstrapServers(), "linger.ms", 0), new StringSerializer(),
      new ByteArraySerializer());

  private static ConfigurableApplicationContext started() {
    TestInfra.createTopics(Topics.all());
    var database = TestInfra.freshDatabase("aggregator");
    return StatusAggregatorApplication.start("--server.port=0",
        "--spring.kafka.bootstrap-servers=" + TestInfra.kafkaBootstrapServers(),
        "--ota.database.host=" + database.host(), "--ota.database.port=" + database.port(),
        "--ota.database.name=" + database.database(), "--ota.database.user=" + database.user(),
        "--ota.database.password=" + database.password(), "--ota.internal-token=" + TOKEN,
        // The events here have fixed times.
        "--ota.aggregator.job-retention=3650d");
  }

  /** Until every partition is claimed, a query about one that is not would only wait. */
  @BeforeAll
  static void ready() {
    await().atMost(Duration.ofSeconds(30))
        .until(() -> get("/internal/queries/firmware/" + new Scenario("nothing").firmware + "?account=default")
            .statusCode() == 404 && get("/actuator/health/readiness").statusCode() == 200);
  }

  @AfterAll
  static void stop() {
    PRODUCER.close();
    SERVICE.close();
  }

  @Test
  void aQueryThatStartsAfterAWriteWasAcknowledgedSeesItEveryTime() throws Exception {
    for (int i = 0; i < 200; i++) {
      var scenario = new Scenario("read-" + i);
      registry(scenario.productCreated());
      firmware(scenario.firmwareCreated());

      assertThat(firmwareView(scenario)).as("write %d", i).isEqualTo(new FirmwareView(scenario.firmware,
          scenario.spec(), "product of read-" + i, FirmwareStatus.UNVERIFIED, 0, scenario.lastAt(),
          scenario.lastAt()));
    }
  }

  @Test
  void aPollingClientNeverSeesAnOlderStateOfItsJob() throws Exception {
    var scenario = new Scenario("poll");
    registry(scenario.productCreated());
    firmware(scenario.firmwareCreated());
    firmware(scenario.jobCreated(1, 1));
    assertThat(firmwareView(scenario).status()).isEqualTo(FirmwareStatus.VERIFYING);
    for (int i = 0; i < 200; i++) {
      int percent = i % 101;
      firmware(scenario.progressed(1, 0, percent));

      assertThat(tasks(scenario, "").items()).extracting(TaskView::progress, TaskView::modifiedAt)
          .containsExactly(tuple(percent, scenario.lastAt()));
    }
  }

  @Test
  void theVerdictIsGivenExactlyOnceAndJobServiceHasItBeforeAnyQueryShowsIt() throws Exception {
    var scenario = new Scenario("verdict");
    registry(scenario.productCreated());
    firmware(scenario.firmwareCreated());
    firmware(scenario.jobCreated(1, 10));
    var ends = new ArrayList<Message<FirmwareEvent>>();
    for (int device = 0; device < 10; device++) {
      ends.add(scenario.succeeded(1, device));
    }
    for (var end : ends) {
      firmware(end);
      firmware(end);
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> firmwareView(scenario).status() == FirmwareStatus.VERIFIED);

    var commands = read(Topics.COMMANDS, scenario.firmware);
    assertThat(commands).as("when the first query showed the verdict").hasSize(1);
    ends.forEach(StatusAggregatorIT::firmware);
    var view = firmwareView(scenario);
    assertThat(view.status()).isEqualTo(FirmwareStatus.VERIFIED);
    assertThat(view.verifyProgress()).isEqualTo(100);
    assertThat(jobView(scenario).status()).isEqualTo(JobStatus.COMPLETED);

    commands = read(Topics.COMMANDS, scenario.firmware);
    assertThat(commands).extracting(record -> decoded(record, Command.class).data())
        .containsExactly(new ConcludeVerification(scenario.firmware, scenario.job(1), Verdict.VERIFIED,
            scenario.lastAt()));
    var own = read(Topics.FIRMWARE_EVENTS, scenario.firmware).stream()
        .filter(record -> decoded(record, FirmwareEvent.class).source().equals(Source.STATUS_AGGREGATOR)).toList();
    assertThat(own).extracting(record -> decoded(record, FirmwareEvent.class).data()).containsExactly(
        new JobCompleted(scenario.firmware, scenario.job(1), false, scenario.lastAt()),
        new FirmwareVerified(scenario.firmware, scenario.job(1), scenario.lastAt()));
    assertThat(commands.getFirst().timestamp()).isLessThanOrEqualTo(own.getFirst().timestamp());

    // When the job is old enough it is as if there had never been one, but for what it led to.
    Mono.usingWhen(SERVICE.getBean(ConnectionFactory.class).create(),
        connection -> new ReactiveSql(connection).update(
            "update job set ended_at = now() - interval '3651 days' where job_id = $1", scenario.job(1).value()),
        Connection::close).block();
    SERVICE.getBean(Retention.class).run().block();
    var job = "/internal/queries/jobs/" + scenario.job(1);
    assertThat(List.of(job + "?account=default", job + "/tasks?account=default",
        "/internal/queries/tasks/" + scenario.task(1, 1) + "/history?account=default"))
        .allSatisfy(path -> assertThat(status(path)).isEqualTo(404));
    own.forEach(event -> firmware(decoded(event, FirmwareEvent.class)));
    ends.forEach(StatusAggregatorIT::firmware);
    assertThat(firmwareView(scenario)).isEqualTo(view);
    assertThat(status(job + "?account=default")).isEqualTo(404);
    assertThat(SERVICE.getBean(MeterRegistry.class).get("ota.retention.removed").tag("kind", "jobs").counter().count())
        .isEqualTo(1);
  }

  @Test
  void tasksAreListedInPagesByTheirIdAndFiltered() throws Exception {
    var scenario = new Scenario("pages");
    registry(scenario.productCreated());
    firmware(scenario.firmwareCreated());
    firmware(scenario.jobCreated(1, 5));
    firmware(scenario.failed(1, 3));

    var page = tasks(scenario, "&page=2&size=2");
    assertThat(page.items()).extracting(TaskView::taskId).containsExactly(scenario.task(1, 2), scenario.task(1, 3));
    assertThat(page).extracting(Page::number, Page::size, Page::total).containsExactly(2, 2, 5);
    assertThat(page.items().get(1)).isEqualTo(new TaskView(scenario.task(1, 3), scenario.job(1), scenario.firmware,
        scenario.product, "product of pages", ModuleName.DEFAULT, scenario.device(3), scenario.iotId(3), null, "2.0.0",
        TaskStatus.FAILED,
        0, "no report (expected: one)", Duration.ofMinutes(30), Scenario.START.plusSeconds(3), scenario.lastAt()));
    assertThat(tasks(scenario, "&status=QUEUED&device=device-0&device=device-3&device=device-4").items())
        .extracting(TaskView::deviceName).containsExactly(scenario.device(0), scenario.device(4));
    assertThat(tasks(scenario, "&page=9")).extracting(p -> p.items().size(), Page::total).containsExactly(0, 5);
  }

  @Test
  void theHistoryOfATaskIsInTheOrderOfTheLogAndEndsWithIt() throws Exception {
    var scenario = new Scenario("history");
    registry(scenario.productCreated());
    firmware(scenario.firmwareCreated());
    firmware(scenario.jobCreated(1, 2));
    for (var event : List.of(scenario.notified(1, 1), scenario.versionReported(1, 1, "1.0.0"),
        scenario.progressed(1, 1, 40), scenario.failed(1, 1), scenario.succeeded(1, 1))) {
      firmware(event);
      firmware(event);
    }
    var path = "/internal/queries/tasks/" + scenario.task(1, 1) + "/history?account=";

    var history = Wire.JSON.readValue(found(path + "default"), TaskHistoryView.class);
    assertThat(history.task().status()).isEqualTo(TaskStatus.FAILED);
    assertThat(history.task().modifiedAt()).as("what is only heard modifies nothing")
        .isEqualTo(scenario.lastAt().minusSeconds(1));
    assertThat(history.entries().items()).extracting(HistoryEntry::number, HistoryEntry::kind, HistoryEntry::detail)
        .containsExactly(tuple(1, Kind.CREATED, "to version 2.0.0"),
            tuple(2, Kind.NOTIFIED, "attempt 1, from version 1.0.0"), tuple(3, Kind.VERSION_REPORTED, "1.0.0"),
            tuple(4, Kind.PROGRESSED, "40 %, \"40 percent\""), tuple(5, Kind.FAILED, "no report (expected: one)"));
    var second = Wire.JSON.readValue(found(path + "default&page=2&size=2"), TaskHistoryView.class).entries();
    assertThat(second.items()).extracting(HistoryEntry::number).containsExactly(3, 4);
    var first = Wire.JSON.readValue(found(path + "default&page=1&size=1"), TaskHistoryView.class).entries();
    assertThat(first.items()).extracting(HistoryEntry::number).containsExactly(1);
    assertThat(second.total()).isEqualTo(5);
    assertThat(status(path + "another")).isEqualTo(404);
    assertThat(status(path.replace(scenario.task(1, 1).value(), scenario.task(2, 1).value()) + "default"))
        .isEqualTo(404);
  }

  @Test
  void devicesAreListedInPagesTheNewestFirstWithoutDeletedOnes() throws Exception {
    var scenario = new Scenario("devices");
    registry(scenario.productCreated());
    for (int i = 0; i < 5; i++) {
      registry(scenario.registered(i));
    }
    registry(scenario.presenceChanged(3, true));
    registry(scenario.disabled(2));
    registry(scenario.deleted(1));
    var path = "/internal/queries/products/" + scenario.product + "/devices?account=default";

    var first = devices(path + "&size=3");
    var second = devices(path + "&size=3&page=2");

    assertThat(first.items()).extracting(view -> view.deviceName().value() + " " + view.status())
        .containsExactly("device-4 UNACTIVE", "device-3 ONLINE", "device-2 DISABLE");
    assertThat(second.items()).extracting(DeviceView::deviceName).containsExactly(scenario.device(0));
    assertThat(List.of(first, second)).extracting(Page::total).containsOnly(4);
    assertThat(devices(path + "&page=9")).extracting(page -> page.items().size(), Page::total).containsExactly(0, 4);
    assertThat(devices(path + "&name=device-1&name=device-2&name=nobody").items()).extracting(DeviceView::deviceName)
        .containsExactly(scenario.device(2));
    assertThat(devices(path + "&iotId=" + scenario.iotId(0) + "&iotId=" + scenario.iotId(1)).items())
        .extracting(DeviceView::deviceName).containsExactly(scenario.device(0));
    assertThat(status(path.replace("account=default", "account=another"))).isEqualTo(404);
  }

  @Test
  void productsAndModulesOfTheAccountAreListedUntilTheyAreDeleted() throws Exception {
    var older = new Scenario("older");
    var newer = new Scenario("newer");
    registry(older.productCreated());
    registry(older.registered(0));
    registry(older.moduleCreated("radio"));
    registry(older.moduleCreated("motor"));
    registry(newer.productCreated());
    var both = "/internal/queries/products?account=default&product=" + older.product + "&product=" + newer.product;
    var modules = "/internal/queries/products/" + older.product + "/modules?account=";

    assertThat(products(both)).extracting(Page::total, page -> page.items().size()).containsExactly(2, 2);
    assertThat(products(both + "&size=1")).extracting(Page::total, page -> page.items().size()).containsExactly(2, 1);
    assertThat(products(both).items()).filteredOn(view -> view.productKey().equals(older.product))
        .extracting(ProductView::deviceCount).containsExactly(1);
    assertThat(products(both.replace("account=default", "account=another")).total()).isZero();
    assertThat(Wire.JSON.readValue(found(modules + "default"), new TypeReference<List<ModuleView>>() {}))
        .extracting(module -> module.moduleName().value()).containsExactly("radio", "motor");
    assertThat(status(modules + "another")).isEqualTo(404);

    registry(older.deleted(0));
    registry(older.productDeleted());

    assertThat(products(both).items()).extracting(ProductView::productKey).containsExactly(newer.product);
    assertThat(status(modules + "default")).isEqualTo(404);
  }

  @Test
  void firmwareJobsAndOpenTasksAreListedForTheirAccountOnly() throws Exception {
    var scenario = new Scenario("lists");
    registry(scenario.productCreated());
    registry(scenario.registered(0));
    registry(scenario.registered(1));
    firmware(scenario.firmwareCreated());
    firmware(scenario.jobCreated(1, 1));
    var firmware = "/internal/queries/firmware?product=" + scenario.product + "&account=";
    var jobs = "/internal/queries/firmware/" + scenario.firmware + "/jobs?account=";
    var open = "/internal/queries/products/" + scenario.product + "/devices/device-%d/tasks?account=%s";

    assertThat(firmwareList(firmware + "default").items()).extracting(FirmwareView::firmwareId)
        .containsExactly(scenario.firmware);
    assertThat(firmwareList(firmware + "default&version=2.0.0").total()).isEqualTo(1);
    assertThat(firmwareList(firmware + "default&version=2.0").total()).isZero();
    assertThat(firmwareList(firmware + "another").total()).isZero();
    assertThat(jobs(jobs + "default").items()).extracting(JobView::jobId).containsExactly(scenario.job(1));
    assertThat(jobs(jobs + "default&device=device-1").total()).isZero();
    assertThat(jobs(jobs + "default&page=2")).extracting(Page::total, page -> page.items().size())
        .containsExactly(1, 0);
    assertThat(status(jobs + "another")).isEqualTo(404);

    assertThat(openTasks(open.formatted(0, "default"))).extracting(TaskView::taskId)
        .containsExactly(scenario.task(1, 0));
    assertThat(openTasks(open.formatted(0, "default") + "&status=IN_PROGRESS")).isEmpty();
    assertThat(openTasks(open.formatted(0, "default") + "&module=radio")).isEmpty();
    assertThat(openTasks(open.formatted(1, "default"))).isEmpty();
    assertThat(status(open.formatted(0, "another"))).isEqualTo(404);
    assertThat(status(open.formatted(9, "default"))).isEqualTo(404);

    firmware(scenario.failed(1, 0));

    assertThat(openTasks(open.formatted(0, "default"))).isEmpty();
  }

  @Test
  void whatThereIsNotIsNotFoundAndWhatHasNoFormIsRefused() throws Exception {
    var scenario = new Scenario("known");
    registry(scenario.productCreated());
    firmware(scenario.firmwareCreated());
    firmware(scenario.jobCreated(1, 1));
    var job = "/internal/queries/jobs/" + scenario.job(1);
    var unknownJob = "/internal/queries/jobs/" + scenario.job(2);

    assertThat(status(job + "?account=default")).isEqualTo(200);
    assertThat(status(job + "?account=another")).isEqualTo(404);
    assertThat(status(job + "/tasks?account=another")).isEqualTo(404);
    assertThat(status(unknownJob + "?account=default")).isEqualTo(404);
    assertThat(status(unknownJob + "/tasks?account=default")).isEqualTo(404);
    assertThat(status("/internal/queries/firmware/nonsense?account=default")).isEqualTo(404);
    assertThat(status("/internal/queries/firmware/" + scenario.firmware + "?account=another")).isEqualTo(404);
    for (var wrong : List.of("", "?account=a%20b", "?account=default&page=0", "?account=default&size=201",
        "?account=default&status=NONE", "?account=default&device=x")) {
      assertThat(status(job + "/tasks" + wrong)).as(wrong).isEqualTo(400);
    }
    var withoutToken = HttpRequest.newBuilder(uri(job + "?account=default")).build();
    assertThat(HTTP.send(withoutToken, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
  }

  @Test
  void manyAreAskedForAtOnce() throws Exception {
    var one = new Scenario("at-once-1");
    var two = new Scenario("at-once-2");
    for (var scenario : List.of(one, two)) {
      registry(scenario.productCreated());
      firmware(scenario.firmwareCreated());
    }
    var of = List.of(firmwareView(one), firmwareView(two));

    assertThat(atOnce(question(two), question(one), question(new Scenario("at-once-3")),
        new FirmwareQuestion(new AccountId("another"), one.firmware), question(two))).containsExactly(
            new FirmwareAnswer(false, of.getLast()), new FirmwareAnswer(false, of.getFirst()),
            new FirmwareAnswer(false, null), new FirmwareAnswer(false, null),
            new FirmwareAnswer(false, of.getLast()));
    for (var wrong : List.of("", "{}", "[]", "[1]", "[{}]",
        Wire.JSON.writeValueAsString(Collections.nCopies(201, question(one))))) {
      assertThat(post("/internal/queries/firmware-at-once", wrong).statusCode()).as(wrong).isEqualTo(400);
    }
  }

  private static FirmwareQuestion question(Scenario scenario) {
    return new FirmwareQuestion(new AccountId("default"), scenario.firmware);
  }

  private static List<FirmwareAnswer> atOnce(FirmwareQuestion... questions) throws Exception {
    var answer = post("/internal/queries/firmware-at-once", Wire.JSON.writeValueAsString(List.of(questions)));
    assertThat(answer.statusCode()).isEqualTo(200);
    return Wire.JSON.readValue(answer.body(), new TypeReference<List<FirmwareAnswer>>() {});
  }

  /** Runs last, since the partition stays stopped: an event that cannot be applied is a bug, and not skipped. */
  @Test
  @Order(Integer.MAX_VALUE)
  void whatIsBehindAnEventThatCannotBeAppliedIsAnsweredWith503() throws Exception {
    var scenario = new Scenario("stopped");
    registry(scenario.productCreated());
    firmware(scenario.firmwareCreated());
    scenario.jobCreated(1, 1);
    assertThat(firmwareView(scenario).status()).isEqualTo(FirmwareStatus.UNVERIFIED);

    firmware(scenario.jobCreated(2, 1));

    assertThat(status("/internal/queries/firmware/" + scenario.firmware + "?account=default")).isEqualTo(503);
    assertThat(status("/internal/queries/jobs/" + scenario.job(2) + "?account=default")).isEqualTo(503);

    var other = elsewhere(scenario);
    registry(other.productCreated());
    firmware(other.firmwareCreated());
    await().untilAsserted(() -> assertThat(atOnce(question(other), question(scenario)))
        .as("one that is behind does not hold up the others").extracting(FirmwareAnswer::behind)
        .containsExactly(false, true));
  }

  /** Whose firmware is in another partition. */
  private static Scenario elsewhere(Scenario scenario) {
    return Stream.iterate(0, i -> i + 1).map(i -> new Scenario("elsewhere-" + i))
        .filter(other -> partition(other) != partition(scenario)).findFirst().orElseThrow();
  }

  private static int partition(Scenario scenario) {
    return BuiltInPartitioner.partitionForKey(scenario.firmware.value().getBytes(StandardCharsets.UTF_8),
        Topics.PARTITIONS);
  }

  private static void registry(Message<RegistryEvent> event) {
    publish(Topics.REGISTRY_EVENTS, event.data().productKey().value(), event);
  }

  private static void firmware(Message<FirmwareEvent> event) {
    publish(Topics.FIRMWARE_EVENTS, event.data().firmwareId().value(), event);
  }

  /** Returns when Kafka has acknowledged it. */
  private static void publish(String topic, String key, Message<?> event) {
    var encoded = Wire.encode(event);
    try {
      PRODUCER.send(KafkaRecords.record(topic, null, key, encoded.headers(),
          encoded.value().getBytes(StandardCharsets.UTF_8))).get(10, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FirmwareView firmwareView(Scenario scenario) throws Exception {
    return Wire.JSON.readValue(found("/internal/queries/firmware/" + scenario.firmware + "?account=default"),
        FirmwareView.class);
  }

  private static JobView jobView(Scenario scenario) throws Exception {
    return Wire.JSON.readValue(found("/internal/queries/jobs/" + scenario.job(1) + "?account=default"), JobView.class);
  }

  private static Page<TaskView> tasks(Scenario scenario, String parameters) throws Exception {
    return Wire.JSON.readValue(
        found("/internal/queries/jobs/" + scenario.job(1) + "/tasks?account=default" + parameters),
        new TypeReference<Page<TaskView>>() {});
  }

  private static List<TaskView> openTasks(String path) throws Exception {
    return Wire.JSON.readValue(found(path), new TypeReference<List<TaskView>>() {});
  }

  private static Page<DeviceView> devices(String path) throws Exception {
    return Wire.JSON.readValue(found(path), new TypeReference<Page<DeviceView>>() {});
  }

  private static Page<ProductView> products(String path) throws Exception {
    return Wire.JSON.readValue(found(path), new TypeReference<Page<ProductView>>() {});
  }

  private static Page<FirmwareView> firmwareList(String path) throws Exception {
    return Wire.JSON.readValue(found(path), new TypeReference<Page<FirmwareView>>() {});
  }

  private static Page<JobView> jobs(String path) throws Exception {
    return Wire.JSON.readValue(found(path), new TypeReference<Page<JobView>>() {});
  }

  private static String found(String path) throws Exception {
    var response = get(path);
    assertThat(response.statusCode()).as(path).isEqualTo(200);
    return response.body();
  }

  private static HttpResponse<String> post(String path, String json) throws Exception {
    return HTTP.send(HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + TOKEN)
        .header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)).build(),
        BodyHandlers.ofString());
  }

  private static int status(String path) throws Exception {
    return get(path).statusCode();
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + TOKEN).build(),
        BodyHandlers.ofString());
  }

  private static URI uri(String path) {
    return URI.create("http://127.0.0.1:" + SERVICE.getEnvironment().getRequiredProperty("local.server.port") + path);
  }

  /** What stands in a topic now about a firmware. */
  private static List<ConsumerRecord<String, byte[]>> read(String topic, FirmwareId firmware) {
    try (var consumer = new KafkaConsumer<>(
        Map.<String, Object>of("bootstrap.servers", TestInfra.kafkaBootstrapServers()), new StringDeserializer(),
        new ByteArrayDeserializer())) {
      var partitions = IntStream.range(0, Topics.PARTITIONS).mapToObj(i -> new TopicPartition(topic, i)).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      var found = new ArrayList<ConsumerRecord<String, byte[]>>();
      while (partitions.stream().anyMatch(at -> consumer.position(at) < ends.getOrDefault(at, 0L))) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> {
          if (firmware.value().equals(record.key())) {
            found.add(record);
          }
        });
      }
      return found;
    }
  }

  private static <T> Message<T> decoded(ConsumerRecord<String, byte[]> record, Class<T> family) {
    return Wire.decode(KafkaRecords.textOf(record.headers()), record.value(), family);
  }
}
