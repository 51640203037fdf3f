// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import static dev.otaverify.jobservice.commands.Given.NOW;
import static dev.otaverify.jobservice.commands.Given.conclude;
import static dev.otaverify.jobservice.commands.Given.context;
import static dev.otaverify.jobservice.commands.Given.createFirmware;
import static dev.otaverify.jobservice.commands.Given.createProduct;
import static dev.otaverify.jobservice.commands.Given.createVerifyJob;
import static dev.otaverify.jobservice.commands.Given.firmware;
import static dev.otaverify.jobservice.commands.Given.id;
import static dev.otaverify.jobservice.commands.Given.incoming;
import static dev.otaverify.jobservice.commands.Given.job;
import static dev.otaverify.jobservice.commands.Given.product;
import static dev.otaverify.jobservice.commands.Given.registerDevice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated.Target;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.contracts.Wire;
import dev.otaverify.jobservice.credentials.Secret;
import dev.otaverify.jobservice.rules.Firmware;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.sql.DatabaseException;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.retention.Retention;
import dev.otaverify.kit.unit.DeadRecord;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Outgoing;
import dev.otaverify.kit.unit.Step;
import dev.otaverify.kit.unit.Transaction;
import dev.otaverify.kit.unit.UndecidableException;
import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The handler in real transactions, as the unit of work runs it. */
class CommandHandlerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Secret SECRET = new Secret("0123456789abcdef0123456789abcdef");

  private static TestDatabase tables;
  private static Database units;
  private static PostgresqlConnectionFactory database;

  private final CommandHandler handler = new CommandHandler(() -> SECRET,
      Clock.fixed(NOW, ZoneOffset.UTC));

  private final ExecutorService beside = Executors.newCachedThreadPool();

  @BeforeAll
  static void migrate() {
    var fresh = TestInfra.freshDatabase("job_handler");
    tables = fresh;
    units = new Database(fresh.jdbcUrl(), fresh.user(), fresh.password(), PATIENCE.multipliedBy(3), 10,
        new SimpleMeterRegistry());
    Flyway.configure().dataSource(fresh.jdbcUrl(), fresh.user(), fresh.password())
        .locations("classpath:db/service-kit", "classpath:db/job-service").load().migrate();
    database = new PostgresqlConnectionFactory(PostgresqlConnectionConfiguration.builder().host(fresh.host())
        .port(fresh.port()).database(fresh.database()).username(fresh.user()).password(fresh.password()).build());
  }

  @AfterAll
  static void disconnect() {
    units.close();
  }

  @BeforeEach
  void empty() {
    try (var open = new Open()) {
      open.sql("truncate product, device, firmware, verify_job, command_answer, module, staged_secret");
      open.commit();
    }
  }

  @AfterEach
  void stop() {
    beside.close();
  }

  @Test
  void aBatchIsDecidedInOrderAndItsEventsComeBeforeInputsAndReplies() {
    var firmware = createFirmware("f", "p", "blue");

    var sent = unit(createProduct("p", "thermostat"), registerDevice("d1", "p", "device-1"),
        registerDevice("d2", "p", "device-2"), firmware, createVerifyJob("j", "f", "p", "device-2", "device-1"));

    var spec = ((CreateFirmware) firmware.data()).spec();
    var created = new VerifyJobCreated(firmware("f"), job("f", "j"), Given.ACCOUNT, product("p"), "2.0.0",
        List.of(new Target(TaskId.of(job("f", "j"), 0), new DeviceName("device-2"), Given.iotId("p", "d2")),
            new Target(TaskId.of(job("f", "j"), 1), new DeviceName("device-1"), Given.iotId("p", "d1"))),
        Duration.ofMinutes(30), true, false, Given.verify("j", "f", "p", "device-1").tags(), NOW);
    assertThat(sent.subList(0, 5).stream().map(Sent::message)).containsExactly(
        Message.event(Source.JOB_SERVICE, product("p").value(), 1, NOW,
            new ProductCreated(product("p"), Given.ACCOUNT, "thermostat", 0, 1, null, NOW)),
        Message.event(Source.JOB_SERVICE, product("p").value(), 2, NOW,
            new DeviceRegistered(product("p"), new DeviceName("device-1"), Given.iotId("p", "d1"), Given.ACCOUNT, null,
                NOW)),
        Message.event(Source.JOB_SERVICE, product("p").value(), 3, NOW,
            new DeviceRegistered(product("p"), new DeviceName("device-2"), Given.iotId("p", "d2"), Given.ACCOUNT, null,
                NOW)),
        Message.event(Source.JOB_SERVICE, firmware("f").value(), 1, NOW,
            new FirmwareCreated(firmware("f"), Given.ACCOUNT, spec, NOW)),
        Message.event(Source.JOB_SERVICE, firmware("f").value(), 2, NOW, created));
    assertThat(sent.stream().map(Sent::where)).containsExactly(
        "FIRST ota.registry.events " + product("p"), "FIRST ota.registry.events " + product("p"),
        "FIRST ota.registry.events " + product("p"), "FIRST ota.firmware.events " + firmware("f"),
        "FIRST ota.firmware.events " + firmware("f"),
        "SECOND ota.replies 7", "SECOND ota.replies 7", "SECOND ota.replies 7", "SECOND ota.replies 7",
        "SECOND ota.device.inputs " + product("p") + "/device-2",
        "SECOND ota.device.inputs " + product("p") + "/device-1", "SECOND ota.replies 7");
    assertThat(sent.subList(9, 11).stream().map(Sent::message)).containsExactly(assigned(created, spec, 0),
        assigned(created, spec, 1));
    assertThat(replies(sent)).containsExactly(accepted("p"), accepted("d1"), accepted("d2"), accepted("f"),
        accepted("j"));
    assertThat(replyMessages(sent).stream().map(message -> message.extension("replyinstance")).distinct())
        .containsExactly("gateway-1");
    assertThat(replyMessages(sent).stream().map(Message::id).distinct()).hasSize(5);
  }

  @Test
  void aBatchOfOneEachComesToTheSameAsOneBatchOfAll() {
    var commands = List.of(createProduct("p", "thermostat"), registerDevice("d1", "p", "device-1"),
        createFirmware("f", "p", "blue"), createVerifyJob("j", "f", "p", "device-1"),
        createVerifyJob("j2", "f", "p", "device-1"), conclude("f", "j", Verdict.FAILED),
        createVerifyJob("j3", "f", "p", "device-1"), conclude("f", "j", Verdict.VERIFIED),
        registerDevice("d2", "p", "device-1"), registerDevice("d3", "p", "device-3"));

    var alone = new ArrayList<Sent>();
    commands.forEach(command -> alone.addAll(unit(command)));
    var rowsAlone = everyRow();
    empty();
    var together = unit(commands);

    assertThat(together).containsExactlyInAnyOrderElementsOf(alone);
    assertThat(everyRow()).isEqualTo(rowsAlone);
    assertThat(replies(together)).extracting(Reply::commandId).containsExactly(id("p"), id("d1"), id("f"), id("j"),
        id("j2"), id("j3"), id("d2"), id("d3"));
    assertThat(codes(together)).containsExactly("", "", "", "", ErrorCode.FIRMWARE_IS_VERIFYING.code(), "",
        ErrorCode.DEVICE_NAME_TAKEN.code(), "");
    assertThat(together.stream().filter(sent -> sent.message().data() instanceof FirmwareEvent)
        .map(sent -> sent.message().sequence())).containsExactly(1L, 2L, 3L);
    assertThat(together.stream().filter(sent -> sent.message().data() instanceof RegistryEvent)
        .map(sent -> sent.message().sequence())).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aRepeatedCommandGetsTheFirstAnswerAtTheGatewayThatRepeatedItAndDoesNothing() {
    given();
    var command = Given.verify("j", "f", "p", "device-1");
    var first = unit(incoming(context("j"), command));
    var rows = everyRow();

    var again = new CommandContext(id("j"), "fingerprint of j", "gateway-2", 11, NOW.plusSeconds(60));
    var later = unitAt(NOW.plusSeconds(50), List.of(incoming(again, command)));

    assertThat(replies(first)).containsExactly(accepted("j"));
    assertThat(later.stream().map(Sent::where)).containsExactly("SECOND ota.replies 11");
    assertThat(replies(later)).containsExactly(accepted("j"));
    assertThat(replyMessages(later).getFirst().extension("replyinstance")).isEqualTo("gateway-2");
    assertThat(everyRow()).isEqualTo(rows);
  }

  @Test
  void aRefusalIsRememberedToo() {
    given();
    var command = Given.verify("j", "f", "p", "device-2");
    var first = unit(incoming(context("j"), command));
    unit(registerDevice("d2", "p", "device-2"));

    var second = unit(incoming(context("j"), command));

    assertThat(codes(first)).containsExactly(ErrorCode.DEVICE_NOT_FOUND.code());
    assertThat(replies(second)).isEqualTo(replies(first));
  }

  @Test
  void aCommandRepeatedInOneBatchIsCarriedOutOnce() {
    given();
    var command = Given.verify("j", "f", "p", "device-1");

    var sent = unit(incoming(context("j"), command), incoming(context("j"), command));

    assertThat(replies(sent)).containsExactly(accepted("j"), accepted("j"));
    assertThat(replyMessages(sent).stream().map(Message::id).distinct()).hasSize(2);
    assertThat(sent).hasSize(4);
    assertThat(count("verify_job")).isEqualTo(1);
  }

  @Test
  void aNonceOfAnotherRequestIsRefusedInTheSameBatchAndLater() {
    given();
    var other = new CommandContext(id("j"), "fingerprint of something else", "gateway-2", 2, NOW.plusSeconds(4));
    var otherCommand = new CreateVerifyJob(Given.ACCOUNT, firmware("f"), job("f", "j"), product("p"),
        List.of(new DeviceName("device-9")), Duration.ofMinutes(1), true, true, List.of());

    var together = unit(createVerifyJob("j", "f", "p", "device-1"), incoming(other, otherCommand));
    var later = unit(incoming(other, otherCommand), createVerifyJob("j", "f", "p", "device-1"));

    var used = new Reply.Rejected(id("j"), "SignatureNonceUsed",
        "SignatureNonce: that of another request (expected: one that no request was made with)");
    assertThat(replies(together)).containsExactly(accepted("j"), used);
    assertThat(replies(later)).containsExactly(used, accepted("j"));
    assertThat(count("verify_job")).isEqualTo(1);
  }

  @Test
  void anExpiredCommandIsRefusedAndNothingOfItIsDone() {
    given();
    var expired = new CommandContext(id("j"), "fingerprint of j", "gateway-1", 7, NOW.minusMillis(1));
    var command = Given.verify("j", "f", "p", "device-1");

    var sent = unit(incoming(expired, command));
    var repeated = unit(incoming(context("j"), command));

    var refused = new Reply.Rejected(id("j"), "iot.system.RequestExpired",
        "time of the decision: 2026-11-23T14:38:59.123456Z (expected: until 2026-11-23T14:38:59.122456Z);"
            + " nothing was done");
    assertThat(replies(sent)).containsExactly(refused);
    // Who was told that nothing was done must not see it done because another try came later.
    assertThat(replies(repeated)).containsExactly(refused);
    assertThat(count("verify_job")).isZero();
  }

  @Test
  void aCommandIsCarriedOutUpToTheInstantAtWhichItExpires() {
    given();
    var atTheLast = new CommandContext(id("j"), "fingerprint of j", "gateway-1", 7, NOW);

    assertThat(codes(unit(incoming(atTheLast, Given.verify("j", "f", "p", "device-1"))))).containsExactly("");
  }

  @Test
  void theStoredAnswerWinsOverTheExpiryOfARepeat() {
    given();
    var command = Given.verify("j", "f", "p", "device-1");
    unit(incoming(context("j"), command));

    var late = unitAt(NOW.plusSeconds(60), List.of(incoming(context("j"), command)));
    var inTime = unit(incoming(context("j"), command));

    assertThat(replies(late)).containsExactly(accepted("j"));
    assertThat(replies(inTime)).containsExactly(accepted("j"));
  }

  @Test
  void answersJobsAndSecretsAreKeptForTheirTimeAndAFirmwareKeepsItsVerdictAndItsNumber() {
    given();
    unit(createVerifyJob("j", "f", "p", "device-1"));
    unit(conclude("f", "j", Verdict.VERIFIED));
    try (var open = new Open()) {
      open.sql("insert into staged_secret values ('old', '', now() - interval '61 minutes'), ('young', '', now())");
      open.sql("update command_answer set decided_at = now()");
      open.sql(
          "update command_answer set decided_at = now() - interval '61 minutes' where command_id = '" + id("j") + "'");
      open.sql("update verify_job set concluded_at = now() - interval '89 days'");
      open.commit();
    }
    int answers = count("command_answer");

    remove();
    assertThat(count("command_answer")).isEqualTo(answers - 1);
    assertThat(texts("select to_jsonb(command_id) from staged_secret")).containsExactly("young");
    assertThat(count("verify_job")).isEqualTo(1);
    try (var open = new Open()) {
      open.sql("update verify_job set concluded_at = now() - interval '91 days'");
      open.commit();
    }
    remove();

    assertThat(count("verify_job")).isZero();
    assertThat(state()).isInstanceOf(Firmware.Verified.class);
    assertThat(codes(unit(createVerifyJob("j2", "f", "p", "device-1"))))
        .containsExactly("iot.ota.FirmwareAlreadyVerified");
    // Said again by an aggregator that was started anew.
    assertThat(unit(conclude("f", "j", Verdict.VERIFIED))).isEmpty();
    assertThat(count("verify_job")).isZero();
  }

  private static void remove() {
    var configuration = new CommandConfiguration();
    var properties = new JobServiceProperties(Duration.ofHours(1), Duration.ofDays(90));
    try (var retention = new Retention(database, List.of(configuration.answers(properties),
        configuration.stagedSecrets(properties), configuration.jobs(properties)), Duration.ofHours(1),
        new SimpleMeterRegistry())) {
      retention.run().block();
    }
  }

  @Test
  void onlyTheVerdictOfTheRunningJobCounts() {
    given();
    unit(createVerifyJob("j", "f", "p", "device-1"));

    assertThat(unit(conclude("f", "other", Verdict.VERIFIED), conclude("nothing", "j", Verdict.VERIFIED))).isEmpty();
    assertThat(state()).isInstanceOf(Firmware.Verifying.class);
    assertThat(unit(conclude("f", "j", Verdict.FAILED))).isEmpty();
    assertThat(state()).isInstanceOf(Firmware.VerificationFailed.class);
    assertThat(unit(conclude("f", "j", Verdict.VERIFIED))).isEmpty();
    assertThat(state()).isInstanceOf(Firmware.VerificationFailed.class);
    assertThat(codes(unit(createVerifyJob("j2", "f", "p", "device-1")))).containsExactly("");
    assertThat(state()).isInstanceOf(Firmware.Verifying.class);
    assertThat(unit(conclude("f", "j2", Verdict.VERIFIED))).isEmpty();
    assertThat(state()).isInstanceOf(Firmware.Verified.class);
    assertThat(codes(unit(createVerifyJob("j3", "f", "p", "device-1"))))
        .containsExactly(ErrorCode.FIRMWARE_ALREADY_VERIFIED.code());
    assertThat(texts("select jsonb_build_array(job_id, verdict, concluded_at) #>> '{}' from verify_job").size())
        .isEqualTo(2);
  }

  @Test
  void aVerdictAndTheNextJobMayStandInOneBatch() {
    given();
    unit(createVerifyJob("j", "f", "p", "device-1"));

    assertThat(codes(unit(conclude("f", "j", Verdict.FAILED), createVerifyJob("j2", "f", "p", "device-1"))))
        .containsExactly("");
    assertThat(state()).isInstanceOfSatisfying(Firmware.Verifying.class,
        verifying -> assertThat(verifying.job().jobId()).isEqualTo(job("f", "j2")));
  }

  @Test
  void theWholeLifeOfAProductComesToTheSameCommandByCommandAndInOneBatch() {
    var modem = new ModuleName("modem");
    var device = new DeviceName("device-1");
    var tasks = List.of(TaskId.of(job("f", "j"), 0));
    var commands = List.of(createProduct("p", "thermostat"),
        incoming(context("m"), new Command.CreateModule(Given.ACCOUNT, product("p"), modem, "Modem", null)),
        incoming(context("m2"), new Command.UpdateModule(Given.ACCOUNT, product("p"), modem, "Funk", null)),
        registerDevice("d1", "p", "device-1"), registerDevice("d2", "p", "device-2"), createFirmware("f", "p", "blue"),
        incoming(context("off"), new Command.SetDeviceEnabled(Given.ACCOUNT, product("p"), device, null, false)),
        createVerifyJob("j", "f", "p", "device-1"),
        incoming(context("busy"), new Command.DeleteDevice(Given.ACCOUNT, product("p"), device, null)),
        incoming(context("free"),
            new Command.DeleteDevice(Given.ACCOUNT, product("p"), new DeviceName("device-2"), null)),
        incoming(context("again"), new Command.DeleteDevice(Given.ACCOUNT, product("p"), device, null)),
        incoming(context("c"), new Command.CancelTasks(Given.ACCOUNT, firmware("f"), tasks)),
        incoming(context("c2"), new Command.CancelTasks(Given.ACCOUNT, firmware("f"), tasks)),
        conclude("f", "j", Verdict.FAILED),
        incoming(context("gone"), new Command.DeleteDevice(Given.ACCOUNT, product("p"), device, null)),
        incoming(context("full"), new Command.DeleteProduct(Given.ACCOUNT, product("p"))),
        incoming(context("x"), new Command.DeleteFirmware(Given.ACCOUNT, firmware("f"))),
        incoming(context("n"), new Command.DeleteModule(Given.ACCOUNT, product("p"), modem)),
        incoming(context("r"), new Command.UpdateProduct(Given.ACCOUNT, product("p"), "other", "text")),
        incoming(context("del"), new Command.DeleteProduct(Given.ACCOUNT, product("p"))),
        createProduct("p2", "other"), createFirmware("f2", "p2", "blue"),
        incoming(context("none"), new Command.UpdateProduct(Given.ACCOUNT, product("p"), "other", null)));

    var alone = new ArrayList<Sent>();
    commands.forEach(command -> alone.addAll(unit(command)));
    var rowsAlone = everyRow();
    empty();
    var together = unit(commands);

    assertThat(codes(together)).containsExactly("", "", "", "", "", "", "", "",
        ErrorCode.DEVICE_HAS_OPEN_TASK.code(), "", ErrorCode.DEVICE_HAS_OPEN_TASK.code(), "", "", "",
        ErrorCode.PRODUCT_NOT_EMPTY.code(), "", "", "", "", "", "", ErrorCode.PRODUCT_NOT_FOUND.code());
    assertThat(codes(alone)).isEqualTo(codes(together));
    assertThat(together).containsExactlyInAnyOrderElementsOf(alone);
    assertThat(everyRow()).isEqualTo(rowsAlone);
    assertThat(together.stream().filter(sent -> sent.message().subject().equals(product("p").value()))
        .filter(sent -> sent.message().data() instanceof RegistryEvent).map(sent -> sent.message().sequence()))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
  }

  @Test
  void whatMovesInBringsItsSecretAndMayBeBroughtAgainButNotWithAnother() {
    var bring = new Command.ImportProduct(Given.ACCOUNT, product("p"), "thermostat", 0, 1, null);
    stage("i1", "the product's own");
    stage("i2", "the product's own");
    stage("i3", "another");

    assertThat(codes(unit(incoming(context("i0"), bring), incoming(context("i1"), bring),
        incoming(context("i2"), bring), incoming(context("i3"), bring))))
        .containsExactly(ErrorCode.SECRET_NOT_FOUND.code(), "", "", ErrorCode.PRODUCT_KEY_TAKEN.code());
    assertThat(texts("select to_jsonb(secret) from product")).containsExactly("the product's own");
    assertThat(count("staged_secret")).isZero();

    var device = new Command.ImportDevice(Given.ACCOUNT, product("p"), new DeviceName("device-1"),
        Given.iotId("p", "i4"), null);
    stage("i4", "devsecret0123456789");
    stage("i5", "devsecret0123456789");
    stage("i6", "another");
    assertThat(codes(unit(incoming(context("i4"), device)))).containsExactly("");
    assertThat(codes(unit(incoming(context("i5"), device)))).containsExactly("");
    assertThat(codes(unit(incoming(context("i6"), device)))).containsExactly(ErrorCode.DEVICE_NAME_TAKEN.code());
    assertThat(texts("select to_jsonb(secret) from device")).containsExactly("devsecret0123456789");
  }

  @Test
  void aProductThatComesBackGoesOnCounting() {
    var bring = new Command.ImportProduct(Given.ACCOUNT, product("p"), "thermostat", 0, 1, null);
    unit(createProduct("p", "thermostat"), registerDevice("d1", "p", "device-1"),
        incoming(context("x"), new Command.DeleteDevice(Given.ACCOUNT, product("p"), new DeviceName("device-1"), null)),
        incoming(context("y"), new Command.DeleteProduct(Given.ACCOUNT, product("p"))));
    stage("i1", "the product's own");

    var back = unit(incoming(context("i1"), bring), registerDevice("d2", "p", "device-1"));

    assertThat(codes(back)).containsExactly("", "");
    assertThat(back.stream().filter(sent -> sent.message().data() instanceof RegistryEvent)
        .map(sent -> sent.message().sequence())).containsExactly(5L, 6L);
  }

  @Test
  void aDeviceThatIsDeletedWhileAJobForItBeginsIsEitherBusyOrMissing() {
    given();
    var delete = incoming(context("x"),
        new Command.DeleteDevice(Given.ACCOUNT, product("p"), new DeviceName("device-1"), null));

    var job = unitBeside(createVerifyJob("j", "f", "p", "device-1"));
    var deletion = unitBeside(delete);
    var outcome = codes(job.join()).getFirst() + " " + codes(deletion.join()).getFirst();

    assertThat(outcome).isIn(" " + ErrorCode.DEVICE_HAS_OPEN_TASK.code(), ErrorCode.DEVICE_NOT_FOUND.code() + " ");
  }

  private void stage(String nonce, String secret) {
    try (var open = new Open()) {
      open.sql("insert into staged_secret values ('" + id(nonce) + "', '" + secret.replace("'", "''") + "', now())");
      open.commit();
    }
  }

  @Test
  void namesAreUniqueWithinABatchAndLater() {
    var together = unit(createProduct("p1", "thermostat"), createProduct("p2", "thermostat"),
        registerDevice("d1", "p1", "device-1"), registerDevice("d2", "p1", "device-1"),
        createFirmware("f1", "p1", "blue"), createFirmware("f2", "p1", "blue"));
    var later = unit(createProduct("p3", "thermostat"), registerDevice("d3", "p1", "device-1"),
        createFirmware("f3", "p1", "blue"));

    assertThat(codes(together)).containsExactly("", ErrorCode.PRODUCT_NAME_TAKEN.code(), "",
        ErrorCode.DEVICE_NAME_TAKEN.code(), "", ErrorCode.FIRMWARE_NAME_TAKEN.code());
    assertThat(codes(later)).containsExactly(ErrorCode.PRODUCT_NAME_TAKEN.code(), ErrorCode.DEVICE_NAME_TAKEN.code(),
        ErrorCode.FIRMWARE_NAME_TAKEN.code());
  }

  @Test
  void aProductNameTakenByAnUnfinishedUnitIsWaitedForAndThenRefused() throws Exception {
    try (var first = new Open()) {
      first.unit(createProduct("p1", "thermostat"));
      var second = unitBeside(createProduct("p2", "thermostat"), createProduct("p3", "lamp"));
      awaitOneWaiting();
      first.commit();

      var sent = second.get(20, TimeUnit.SECONDS);
      assertThat(codes(sent)).containsExactly(ErrorCode.PRODUCT_NAME_TAKEN.code(), "");
      assertThat(sent).hasSize(3);
      assertThat(count("product")).isEqualTo(2);
    }
  }

  @Test
  void aNameThatAnUnfinishedUnitGivesUpIsFree() throws Exception {
    given();
    try (var first = new Open()) {
      first.unit(createFirmware("f1", "p", "green"));
      var second = unitBeside(createFirmware("f2", "p", "green"));
      awaitOneWaiting();
      first.rollBack();

      assertThat(codes(second.get(20, TimeUnit.SECONDS))).containsExactly("");
    }
  }

  @Test
  void aFirmwareNameTakenByAnUnfinishedUnitIsWaitedForAndThenRefused() throws Exception {
    given();
    try (var first = new Open()) {
      first.unit(createFirmware("f1", "p", "green"));
      var second = unitBeside(createFirmware("f2", "p", "green"));
      awaitOneWaiting();
      first.commit();

      assertThat(codes(second.get(20, TimeUnit.SECONDS))).containsExactly(ErrorCode.FIRMWARE_NAME_TAKEN.code());
      assertThat(count("firmware")).isEqualTo(2);
    }
  }

  @Test
  void aNonceUsedByAnUnfinishedUnitIsWaitedForAndThenRefused() throws Exception {
    given();
    try (var first = new Open()) {
      first.unit(createProduct("x", "lamp"));
      var other = new CommandContext(id("x"), "fingerprint of something else", "gateway-1", 7, NOW.plusSeconds(4));
      var second = unitBeside(incoming(other, createFirmware("x", "p", "green").data()));
      awaitOneWaiting();
      first.commit();

      assertThat(codes(second.get(20, TimeUnit.SECONDS))).containsExactly(ErrorCode.NONCE_USED.code());
      assertThat(count("firmware")).isEqualTo(1);
    }
  }

  @Test
  void aJobThatBeginsInAnUnfinishedUnitIsWaitedForAndThenRefused() throws Exception {
    given();
    try (var first = new Open()) {
      first.unit(createVerifyJob("j1", "f", "p", "device-1"));
      var second = unitBeside(createVerifyJob("j2", "f", "p", "device-1"));
      awaitOneWaiting();
      first.commit();

      var sent = second.get(20, TimeUnit.SECONDS);
      assertThat(codes(sent)).containsExactly(ErrorCode.FIRMWARE_IS_VERIFYING.code());
      assertThat(sent).hasSize(1);
      assertThat(count("verify_job")).isEqualTo(1);
    }
  }

  @Test
  void theDatabaseItselfHoldsNoTwoRunningJobsOfAFirmware() {
    given();
    unit(createVerifyJob("j", "f", "p", "device-1"));
    var copy = "insert into verify_job select (jsonb_populate_record(j, '{\"job_id\": \"" + job("f", "j2")
        + "\"}')).* from verify_job j";

    try (var open = new Open()) {
      assertThatThrownBy(() -> open.sql(copy))
          .isInstanceOf(DatabaseException.class).hasMessageContaining("verify_job_running");
    }
    unit(conclude("f", "j", Verdict.FAILED));
    assertThat(codes(unit(createVerifyJob("j2", "f", "p", "device-1")))).containsExactly("");
  }

  @Test
  void unitsThatTakeTheSameNamesInAnyOrderAllEndAndEachNameIsTakenOnce() throws Exception {
    given();
    var units = new ArrayList<CompletableFuture<List<Sent>>>();
    for (int unit = 0; unit < 8; unit++) {
      var batch = new ArrayList<Incoming<Command>>();
      for (int i = 0; i < 10; i++) {
        batch.add(createProduct("p" + unit + "-" + i, "product " + i));
        batch.add(createFirmware("f" + unit + "-" + i, "p", "firmware " + i));
      }
      Collections.shuffle(batch, new Random(unit));
      units.add(CompletableFuture.supplyAsync(() -> unit(batch), beside));
    }

    var codes = new ArrayList<String>();
    for (var unit : units) {
      codes.addAll(codes(unit.get(60, TimeUnit.SECONDS)));
    }
    assertThat(codes).hasSize(160);
    assertThat(codes.stream().filter(String::isEmpty)).hasSize(20);
    assertThat(count("product")).isEqualTo(1 + 10);
    assertThat(count("firmware")).isEqualTo(1 + 10);
    assertThat(count("command_answer")).isEqualTo(3 + 160);
  }

  @Test
  void unitsThatWriteTheProductTheOtherReliesOnDoNotWaitForEachOther() throws Exception {
    unit(createProduct("p1", "one"), createProduct("p2", "two"));
    try (var first = new Open()) {
      first.unit(registerDevice("d1", "p1", "device-1"), createFirmware("f1", "p2", "blue"));

      var second = unitBeside(registerDevice("d2", "p2", "device-2"), createFirmware("f2", "p1", "green"))
          .get(20, TimeUnit.SECONDS);

      assertThat(codes(second)).containsExactly("", "");
      first.commit();
    }
  }

  @Test
  void secretsAreStoredAndNowhereElse() {
    var sent = unit(createProduct("p", "thermostat"), registerDevice("d", "p", "device-1"));

    assertThat(texts("select to_jsonb(secret) from product union all select to_jsonb(secret) from device"))
        .containsExactly(SECRET.value(), SECRET.value());
    assertThat(sent.toString()).doesNotContain(SECRET.value());
    assertThat(SECRET.toString()).doesNotContain(SECRET.value());
  }

  @Test
  void aTextThatTheDatabaseCannotHoldIsTheCommandsFault() {
    given();
    var nul = new CreateFirmware(Given.ACCOUNT, firmware("x"), Given.spec("p", "green", "a\u0000b"));

    assertThatThrownBy(() -> unit(incoming(context("x"), nul)))
        .isInstanceOfSatisfying(DatabaseException.class,
            refused -> assertThat(refused.isForItsData() && !refused.isTaken())
                .isTrue());
  }

  @Test
  void aRecordThatContradictsItselfIsUndecidable() {
    var verify = Given.verify("j", "f", "p", "device-1");
    var foreignJob = new CreateVerifyJob(Given.ACCOUNT, firmware("f"), job("other", "j"), product("p"),
        verify.targets(), verify.timeout(), true, false, List.of());
    var foreignIot = new RegisterDevice(Given.ACCOUNT, product("p"), new DeviceName("device-1"),
        Given.iotId("other", "d"), null);
    var wrongKey = new Incoming<>(Given.message(context("j"), (Command) verify), "elsewhere", Topics.COMMANDS, 0, 0,
        Map.of());

    assertUndecidable(incoming(context("j"), foreignJob), "jobId: of " + firmware("other") + " (expected: of ");
    assertUndecidable(incoming(context("j"), foreignIot), "iotId: of " + product("other") + " (expected: of ");
    assertUndecidable(wrongKey, "key: of elsewhere (expected: of " + firmware("f") + ")");
  }

  @Test
  void aCommandThatDoesNotSayWhomToAnswerIsUndecidable() {
    var command = Given.verify("j", "f", "p", "device-1");
    var nowhere = new CommandContext(id("j"), "fingerprint", "gateway-1", Topics.PARTITIONS, NOW);
    assertUndecidable(incoming(nowhere, command), "replypartition: 12 (expected: 0 to 11)");
    for (var broken : List.of("fingerprint", "replyinstance", "replypartition", "expiresat")) {
      for (var value : List.of("", "soon")) {
        var extensions = new HashMap<>(context("j").toExtensions());
        extensions.remove(broken);
        if (!value.isEmpty() && broken.matches("replypartition|expiresat")) {
          extensions.put(broken, value);
        }
        var message = new Message<Command>(id("j").value(), Source.API_GATEWAY, "x", NOW, extensions, command);
        assertUndecidable(new Incoming<>(message, command.key(), Topics.COMMANDS, 0, 0, Map.of()),
            "context of the command: ");
      }
    }
  }

  @Test
  void whatIsPutAsideIsAnsweredIfItCanBeReadThatFar() {
    var headers = Map.of("ce_id", id("j").value(), "ce_replyinstance", "gateway-1", "ce_replypartition", "7",
        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    var dead = new DeadRecord(Topics.COMMANDS, 3, 99, "key", headers, "a reason with a secret in it");

    var sent = handler.onDeadLetter(dead).stream().map(CommandHandlerIT::read).toList();

    assertThat(sent.stream().map(Sent::where)).containsExactly("SECOND ota.replies 7");
    assertThat(sent.getFirst().message()).isEqualTo(new Message<>("reply:" + id("j") + ":3:99", Source.JOB_SERVICE,
        id("j").value(), NOW, Map.of("replyinstance", "gateway-1"),
        new Reply.Rejected(id("j"), "iot.system.SystemException",
            "the command could not be decided on and was put aside: ota.commands partition 3 offset 99"
                + " (expected: a command that job-service understands)")));
    assertThat(handler.onDeadLetter(dead).getFirst().headers()).containsEntry("traceparent",
        headers.get("traceparent"));
  }

  @Test
  void whatIsPutAsideAndCannotBeAnsweredFailsNothing() {
    var whole = Map.of("ce_id", id("j").value(), "ce_replyinstance", "gateway-1", "ce_replypartition", "7");
    for (var name : whole.keySet()) {
      for (var broken : List.of("", "?", "-1", "12", "99999999999")) {
        var headers = new HashMap<>(whole);
        headers.remove(name);
        assertThat(handler.onDeadLetter(new DeadRecord(Topics.COMMANDS, 3, 99, null, headers, ""))).isEmpty();
        if (!name.equals("ce_replyinstance")) {
          headers.put(name, broken);
          assertThat(handler.onDeadLetter(new DeadRecord(Topics.COMMANDS, 3, 99, null, headers, ""))).isEmpty();
        }
      }
    }
  }

  // --- the harness

  /** One record as another service reads it. */
  private record Sent(Step step, String topic, String keyOrPartition, Message<?> message) {
    String where() {
      return step + " " + topic + " " + keyOrPartition;
    }
  }

  /** A transaction that is left open until the test ends it. */
  private final class Open implements AutoCloseable {
    private final Connection connection;
    private final Sql sql;

    Open() {
      try {
        connection = DriverManager.getConnection(tables.jdbcUrl(), tables.user(), tables.password());
        connection.setAutoCommit(false);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      sql = new Sql(connection);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    final List<Sent> unit(Incoming<Command>... batch) {
      return unit(NOW, List.of(batch));
    }

    List<Sent> unit(Instant now, List<Incoming<Command>> batch) {
      var sent = handle(sql, now, batch);
      sql.send();
      return sent;
    }

    long sql(String statement) {
      return sql.update(statement);
    }

    <R> List<R> rows(Class<R> row, String query) {
      return sql.rows(row, query);
    }

    void commit() {
      var unused = sql.update("commit");
    }

    void rollBack() {
      var unused = sql.update("rollback");
    }

    @Override
    public void close() {
      try {
        connection.close();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private List<Sent> unit(Incoming<Command>... batch) {
    return unit(List.of(batch));
  }

  private List<Sent> unit(List<Incoming<Command>> batch) {
    return unitAt(NOW, batch);
  }

  private List<Sent> unitAt(Instant now, List<Incoming<Command>> batch) {
    return units.transaction(sql -> handle(sql, now, batch));
  }

  private List<Sent> handle(Sql sql, Instant now, List<Incoming<Command>> batch) {
    var output = handler.handle(new Transaction(sql, now), batch);
    // A job that was created is told to the log, and that is all that happens besides the records.
    assertThat(output.effects()).hasSize((int) output.records().stream()
        .filter(sent -> "dev.otaverify.firmware.verify-job-created.v1".equals(sent.headers().get("ce_type")))
        .count());
    return output.records().stream().map(CommandHandlerIT::read).toList();
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private CompletableFuture<List<Sent>> unitBeside(Incoming<Command>... batch) {
    var commands = List.of(batch);
    return CompletableFuture.supplyAsync(() -> unit(commands), beside);
  }

  private void awaitOneWaiting() {
    await().atMost(PATIENCE).until(() -> texts(
        "select to_jsonb(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        .size() == 1);
  }

  private void given() {
    assertThat(codes(unit(createProduct("p", "thermostat"), registerDevice("d1", "p", "device-1"),
        createFirmware("f", "p", "blue")))).containsOnly("");
  }

  private Firmware state() {
    try (var open = new Open()) {
      var loaded = new Store().load(open.sql,
          Needs.of(List.of(Request.of(conclude("f", "j", Verdict.FAILED)))));
      return Objects.requireNonNull(loaded.firmware().get(firmware("f")))
          .state(loaded.jobs().values().stream().map(JobRow::state).findFirst().orElse(null));
    }
  }

  private List<String> texts(String query) {
    try (var open = new Open()) {
      return open.rows(Object.class, query).stream().map(Object::toString).toList();
    }
  }

  private int count(String table) {
    return texts("select to_jsonb(t) from " + table + " t").size();
  }

  private List<String> everyRow() {
    var rows = new ArrayList<String>();
    for (var table : List.of("product", "device", "firmware", "verify_job", "command_answer", "module",
        "staged_secret")) {
      rows.addAll(texts("select to_jsonb(t) from " + table + " t order by t"));
    }
    return rows;
  }

  private void assertUndecidable(Incoming<Command> incoming, String reason) {
    assertThatThrownBy(() -> unit(incoming)).isInstanceOf(UndecidableException.class)
        .hasMessageStartingWith(reason);
  }

  private static Message<?> assigned(VerifyJobCreated job, FirmwareSpec spec, int number) {
    var target = job.targets().get(number);
    return Message.unnumbered("assign:" + target.taskId(), Source.JOB_SERVICE, target.taskId().value(), NOW,
        new AssignTask(new DeviceId(job.productKey(), target.deviceName()), target.taskId(), spec, job.timeout(),
            job.needPush(), job.needConfirm(), job.tags(), NOW));
  }

  private static Reply accepted(String nonce) {
    return new Reply.Accepted(id(nonce), NOW);
  }

  private static List<Message<?>> replyMessages(List<Sent> sent) {
    return sent.stream().<Message<?>>map(Sent::message).filter(message -> message.data() instanceof Reply).toList();
  }

  private static List<Reply> replies(List<Sent> sent) {
    return replyMessages(sent).stream().map(message -> (Reply) message.data()).toList();
  }

  /** The code of each refusal, an empty text for what was accepted. */
  private static List<String> codes(List<Sent> sent) {
    return replies(sent).stream().map(reply -> switch (reply) {
      case Reply.Accepted accepted -> "";
      case Reply.Rejected rejected -> rejected.code();
    }).toList();
  }

  private static Sent read(Outgoing outgoing) {
    Class<?> family = switch (outgoing.topic()) {
      case Topics.REPLIES -> Reply.class;
      case Topics.FIRMWARE_EVENTS -> FirmwareEvent.class;
      case Topics.REGISTRY_EVENTS -> RegistryEvent.class;
      case Topics.DEVICE_INPUTS -> DeviceInput.class;
      default -> throw new AssertionError(outgoing.topic());
    };
    var value = new String(Objects.requireNonNull(outgoing.value()), StandardCharsets.UTF_8);
    return new Sent(outgoing.step(), outgoing.topic(),
        outgoing.partition() == null ? String.valueOf(outgoing.key()) : outgoing.partition().toString(),
        Wire.decode(outgoing.headers(), value.getBytes(StandardCharsets.UTF_8), family));
  }
}
