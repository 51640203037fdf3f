// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Tag;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands through a real Kafka: what the caller is told in each case. */
class CommandIT {
  private static final FirmwareId FIRMWARE = FirmwareId.of(CommandId.of("k", "firmware"));
  private static final ProductKey PRODUCT = ProductKey.of(CommandId.of("k", "product"));
  private static final Map<String, String> VERIFY = Map.of("FirmwareId", FIRMWARE.value(), "ProductKey",
      PRODUCT.value(), "TargetDeviceName.1", "device-1", "TargetDeviceName.2", "device-2", "TimeoutInMinutes", "30",
      "Tag.1.Key", "k.1", "Tag.1.Value", "v/1+=设备");

  @TempDir
  static Path directory;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = new RunningGateway(directory, "--ota.gateway.reply-timeout=2500ms",
        "--resilience4j.bulkhead.instances.commands.max-concurrent-calls=4",
        "--ota.gateway.transaction-limit=1s", "--ota.gateway.timeout-unit=PT1S", "--ota.gateway.secret-timeout=1s");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void acceptAgain() {
    gateway.jobService.decide(JobServiceDouble::accept);
    gateway.jobService.received.clear();
  }

  @Test
  void anAcceptedCommandIsAnsweredWithWhatItCreated() throws Exception {
    var signed = SigningClient.signed("CreateOTAVerifyJob", VERIFY);
    var id = SigningClient.commandId(signed);

    var answer = gateway.client.post(signed);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.contentType()).isEqualTo("application/json;charset=utf-8");
    assertThat(answer.json().get("Success").booleanValue()).isTrue();
    assertThat(answer.json().get("RequestId").stringValue()).matches("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}");
    var job = JobId.of(FIRMWARE, id);
    assertThat(answer.json().get("Data").get("JobId").stringValue()).isEqualTo(job.value());
    assertThat(answer.json().get("Data").get("UtcCreate").stringValue()).isEqualTo("2026-11-23T14:38:59.123Z");
    assertThat(gateway.jobService.received).hasSize(1);
    var received = gateway.jobService.received.getFirst();
    assertThat(received.command()).isEqualTo(new Command.CreateVerifyJob(new AccountId("acme"), FIRMWARE, job, PRODUCT,
        List.of(new DeviceName("device-1"), new DeviceName("device-2")), Duration.ofSeconds(30), true, false,
        List.of(new Tag("k.1", "v/1+=设备"))));
    assertThat(received.key()).isEqualTo(FIRMWARE.value());
    assertThat(received.context().id()).isEqualTo(id);
    assertThat(received.context().fingerprint()).matches("[0-9a-f]{64}");
    assertThat(received.context().expiresAt()).isBetween(Instant.now().minusSeconds(2), Instant.now().plusMillis(1500));
    assertThat(received.headers().get("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
  }

  @Test
  void theTraceOfTheCallerIsContinuedThoughNobodyRecordsIt() throws Exception {
    var trace = "0af7651916cd43dd8448eb211c80319c";
    var form = SigningClient.join(SigningClient.signed("CreateOTAVerifyJob", VERIFY));

    gateway.client.send(HttpRequest.newBuilder(gateway.uri.resolve("/"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("traceparent", "00-" + trace + "-b7ad6b7169203331-01")
        .POST(HttpRequest.BodyPublishers.ofString(form)).build());

    assertThat(gateway.jobService.received.getFirst().headers().get("traceparent"))
        .matches("00-" + trace + "-(?!b7ad6b7169203331)[0-9a-f]{16}-00");
  }

  @Test
  void aRefusalIsAnsweredWithItsCodeAndBothMessages() throws Exception {
    gateway.jobService.decide((command, context) -> new Reply.Rejected(context.id(),
        ErrorCode.FIRMWARE_IS_VERIFYING.code(), "firmware: being verified (expected: 设备)"));

    var answer = gateway.client.call("CreateOTAVerifyJob", VERIFY);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("Success").booleanValue()).isFalse();
    assertThat(answer.json().get("Code").stringValue()).isEqualTo("iot.ota.FirmwareIsVerifying");
    assertThat(answer.json().get("Message")).isEqualTo(answer.json().get("ErrorMessage"));
    assertThat(answer.text()).contains("being verified (expected: 设备)");
  }

  @Test
  void withoutAReplyTheOutcomeIsUnknownAndTheSameRequestAgainGetsIt() throws Exception {
    var signed = SigningClient.signed("CreateOTAVerifyJob", VERIFY);
    gateway.jobService.decide((command, context) -> null);

    var unknown = gateway.client.post(signed);
    gateway.jobService.decide(JobServiceDouble::accept);
    var answer = gateway.client.postInQuery(signed);

    assertThat(unknown.status()).isEqualTo(503);
    assertThat(unknown.json().get("Code").stringValue()).isEqualTo("ServiceUnavailable.OutcomeUnknown");
    assertThat(unknown.json().get("Message").stringValue()).contains("Send the same signed request again");
    assertThat(answer.json().get("Success").booleanValue()).isTrue();
    assertThat(gateway.jobService.received).hasSize(2);
    assertThat(gateway.jobService.received.get(0).command()).isEqualTo(gateway.jobService.received.get(1).command());
    assertThat(gateway.jobService.received.get(0).context().fingerprint())
        .isEqualTo(gateway.jobService.received.get(1).context().fingerprint());
  }

  @Test
  void oneMoreThanMayWaitIsRefusedAtOnceAndForCertain() throws Exception {
    gateway.jobService.decide((command, context) -> null);
    var waiting = IntStream.range(0, 4)
        .mapToObj(i -> CompletableFuture.supplyAsync(() -> post(SigningClient.signed("CreateOTAVerifyJob", VERIFY))))
        .toList();
    await().atMost(Duration.ofSeconds(20)).until(() -> gateway.jobService.received.size() == 4);

    var refused = gateway.client.call("CreateOTAVerifyJob", VERIFY);

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.json().get("Code").stringValue()).isEqualTo("ServiceUnavailable");
    assertThat(gateway.jobService.received).hasSize(4);
    for (var one : waiting) {
      assertThat(one.get().json().get("Code").stringValue()).isEqualTo("ServiceUnavailable.OutcomeUnknown");
    }
    gateway.jobService.decide(JobServiceDouble::accept);
    assertThat(gateway.client.call("CreateOTAVerifyJob", VERIFY).status()).isEqualTo(200);
  }

  @Test
  void severalSendingsOfOneRequestAreAllAnsweredByOneReply() throws Exception {
    var signed = SigningClient.signed("CreateOTAVerifyJob", VERIFY);
    // Only the second sending to arrive is answered, and to the first one's address as well: it is the same.
    gateway.jobService.decide((command, context) -> gateway.jobService.received.size() < 2
        ? null
        : JobServiceDouble.accept(command, context));

    var answers = List.of(CompletableFuture.supplyAsync(() -> post(signed)),
        CompletableFuture.supplyAsync(() -> post(signed)));

    assertThat(answers).allSatisfy(answer -> assertThat(answer.get().json().get("Success").booleanValue()).isTrue());
    assertThat(gateway.jobService.received).hasSize(2);
  }

  @Test
  void aReplyToAnotherRequestWithTheSameNonceIsNotTaken() throws Exception {
    var nonce = UUID.randomUUID().toString();
    var first = SigningClient.signed("CreateOTAVerifyJob", VERIFY, nonce, Instant.now(), SigningClient.SECRET);
    var second = SigningClient.signed("CreateProduct", Map.of("ProductName", "thermostat", "NodeType", "0"), nonce,
        Instant.now(), SigningClient.SECRET);
    gateway.jobService.decide((command, context) -> command instanceof Command.CreateProduct
        ? new Reply.Rejected(context.id(), ErrorCode.NONCE_USED.code(), "SignatureNonce: used")
        : null);

    var waiting = CompletableFuture.supplyAsync(() -> post(first));
    await().atMost(Duration.ofSeconds(20)).until(() -> gateway.jobService.received.size() == 1);
    var refused = gateway.client.post(second);
    assertThat(gateway.jobService.received).hasSize(1);
    // As after a crash of the database, which may take back the last admissions: job-service knows the nonce as well.
    try (var connection = DriverManager.getConnection(gateway.database.jdbcUrl(), gateway.database.user(),
        gateway.database.password()); var statement = connection.createStatement()) {
      statement.execute("delete from signed_request");
    }
    var refusedThere = gateway.client.post(second);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().get("Code").stringValue()).isEqualTo("SignatureNonceUsed");
    assertThat(refusedThere.status()).isEqualTo(400);
    assertThat(refusedThere.json().get("Code").stringValue()).isEqualTo("SignatureNonceUsed");
    assertThat(gateway.jobService.received).hasSize(2);
    assertThat(waiting.get().json().get("Code").stringValue()).isEqualTo("ServiceUnavailable.OutcomeUnknown");
  }

  @Test
  void aRegisteredDeviceIsAnsweredWithItsSecretFromJobService() throws Exception {
    gateway.secrets.answers.put("/internal/devices/" + PRODUCT + "/device-1/credentials",
        new HttpDouble.Given(200, "{\"deviceSecret\":\"0123456789abcdef0123456789abcdef\",\"enabled\":true}"));

    var answer = gateway.client.call("RegisterDevice",
        Map.of("ProductKey", PRODUCT.value(), "DeviceName", "device-1", "Nickname", "hall"));

    var data = answer.json().get("Data");
    assertThat(data.get("DeviceSecret").stringValue()).isEqualTo("0123456789abcdef0123456789abcdef");
    assertThat(data.get("DeviceName").stringValue()).isEqualTo("device-1");
    assertThat(data.get("IotId").stringValue()).startsWith(PRODUCT.value());
    assertThat(gateway.secrets.asked.getLast().authorization()).isEqualTo("Bearer " + RunningGateway.TOKEN);
  }

  @Test
  void aSecretThatIsNotToBeHadMakesTheOutcomeUnknownAndTheSameRequestAgainGetsIt() throws Exception {
    var signed = SigningClient.signed("CreateProduct", Map.of("ProductName", "thermostat", "NodeType", "0"));
    var product = ProductKey.of(SigningClient.commandId(signed));

    var unknown = gateway.client.post(signed);
    gateway.secrets.answers.put("/internal/products/" + product + "/secret",
        new HttpDouble.Given(200, "{\"productSecret\":\"s3cret\"}"));
    var answer = gateway.client.post(signed);

    assertThat(unknown.json().get("Code").stringValue()).isEqualTo("ServiceUnavailable.OutcomeUnknown");
    assertThat(answer.json().get("ProductKey").stringValue()).isEqualTo(product.value());
    assertThat(answer.json().get("Data").get("ProductSecret").stringValue()).isEqualTo("s3cret");
  }

  private static SigningClient.Answer post(Map<String, String> signed) {
    try {
      return gateway.client.post(signed);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
