// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Wire;
import dev.otaverify.contracts.query.FirmwareStatus;
import dev.otaverify.contracts.query.FirmwareAnswer;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import java.nio.charset.StandardCharsets;
import java.net.Socket;
import java.net.InetAddress;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls over HTTP: who is let in, what is asked of status-aggregator, and how answers look. */
class ApiIT {
  private static final CommandId COMMAND = CommandId.of("k", "n");
  private static final AccountId ACCOUNT = new AccountId("acme");
  private static final ProductKey PRODUCT = ProductKey.of(COMMAND);
  private static final FirmwareId FIRMWARE = FirmwareId.of(COMMAND);
  private static final JobId JOB = JobId.of(FIRMWARE, COMMAND);
  private static final Map<String, String> QUERY = Map.of("FirmwareId", FIRMWARE.value());
  private static final String AT_ONCE_PATH = "/internal/queries/firmware-at-once";
  private static final String FIRMWARE_PATH = "/internal/queries/firmware/" + FIRMWARE;
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59.123456Z");

  @TempDir
  static Path directory;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = new RunningGateway(directory,
        "--resilience4j.circuitbreaker.configs.default.wait-duration-in-open-state=1s");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void answerAgain() {
    gateway.aggregator.answers.clear();
    gateway.aggregator.asked.clear();
    gateway.aggregator.answers.put(AT_ONCE_PATH, answering(new FirmwareAnswer(false, firmware())));
  }

  private static HttpDouble.Given answering(FirmwareAnswer... answers) {
    return new HttpDouble.Given(200, json(List.of(answers)));
  }

  @Test
  void aQueryIsAnsweredFromTheAggregatorForTheCallersAccount() throws Exception {
    var answer = gateway.client.call("QueryOTAFirmware", QUERY);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("FirmwareInfo").get("Status").intValue()).isEqualTo(2);
    assertThat(answer.json().get("FirmwareInfo").get("VerifyProgress").intValue()).isEqualTo(50);
    assertThat(answer.text()).contains("\"FirmwareDesc\":\"说明\"").contains("\"MultiFiles\":[]");
    assertThat(gateway.aggregator.asked)
        .containsExactly(new HttpDouble.Asked(AT_ONCE_PATH, "Bearer " + RunningGateway.TOKEN));
  }

  @Test
  void whatTheAggregatorIsBehindWithIsAskedForAlone() throws Exception {
    gateway.aggregator.answers.put(AT_ONCE_PATH, answering(FirmwareAnswer.BEHIND));
    gateway.aggregator.answers.put(FIRMWARE_PATH, new HttpDouble.Given(200, json(firmware())));

    var answer = gateway.client.call("QueryOTAFirmware", QUERY);

    assertThat(answer.json().get("FirmwareInfo").get("VerifyProgress").intValue()).isEqualTo(50);
    assertThat(gateway.aggregator.asked).extracting(HttpDouble.Asked::pathAndQuery).containsExactly(AT_ONCE_PATH,
        FIRMWARE_PATH + "?account=" + ACCOUNT);
  }

  @Test
  void anAggregatorThatIsNotAskedForManyYetIsAskedForEach() throws Exception {
    gateway.aggregator.answers.remove(AT_ONCE_PATH);
    gateway.aggregator.answers.put(FIRMWARE_PATH, new HttpDouble.Given(200, json(firmware())));

    var answer = gateway.client.call("QueryOTAFirmware", QUERY);

    assertThat(answer.json().get("FirmwareInfo").get("VerifyProgress").intValue()).isEqualTo(50);
  }

  @Test
  void aQueryWhoseConnectionBreaksIsMadeAgain() throws Exception {
    gateway.aggregator.broken.set(3);

    var answer = gateway.client.call("QueryOTAFirmware", QUERY);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(gateway.aggregator.broken).hasValue(0);
    assertThat(gateway.aggregator.asked).hasSize(1);
  }

  @Test
  void tasksAreAskedForByPageStatusAndDevices() throws Exception {
    var path = "/internal/queries/jobs/" + JOB + "/tasks";
    var task = new TaskView(TaskId.of(JOB, 0), JOB, FIRMWARE, PRODUCT, "thermostat", ModuleName.DEFAULT,
        new DeviceName("dev@1:a"),
        IotId.of(PRODUCT, COMMAND), "1.0.0", "2.0.0", TaskStatus.FAILED, 50, "timeout", Duration.ofMinutes(30), AT, AT);
    gateway.aggregator.answers.put(path, new HttpDouble.Given(200, json(new Page<>(List.of(task), 1, 10, 1))));

    var answer = gateway.client.call("ListOTATaskByJob", Map.of("JobId", JOB.value(), "TaskStatus", "FAILED",
        "DeviceNames.1", "dev@1:a", "DeviceNames.2", "device-2"));

    assertThat(answer.json().get("Total").intValue()).isEqualTo(1);
    var tasks = answer.json().get("Data").get("SimpleOTATaskInfo");
    assertThat(tasks.size()).isEqualTo(1);
    assertThat(tasks.get(0).get("DeviceName").stringValue()).isEqualTo("dev@1:a");
    assertThat(gateway.aggregator.asked).extracting(HttpDouble.Asked::pathAndQuery).containsExactly(
        path + "?account=acme&page=1&size=10&status=FAILED&device=dev@1:a&device=device-2");
  }

  @Test
  void whatTheAggregatorDoesNotKnowDoesNotExist() throws Exception {
    gateway.aggregator.answers.clear();
    gateway.aggregator.answers.put(AT_ONCE_PATH, answering(new FirmwareAnswer(false, null)));

    var firmware = gateway.client.call("QueryOTAFirmware", QUERY);
    var job = gateway.client.call("QueryOTAJob", Map.of("JobId", JOB.value()));

    assertThat(firmware.status()).isEqualTo(200);
    assertThat(firmware.json().get("Code").stringValue()).isEqualTo("iot.ota.FirmwareNotFound");
    assertThat(job.json().get("Code").stringValue()).isEqualTo("iot.ota.JobNotFound");
  }

  @Test
  void anAggregatorThatIsBehindMakesTheServiceUnavailableAndIsSparedUntilItAnswersAgain() throws Exception {
    gateway.aggregator.answers.put(AT_ONCE_PATH, new HttpDouble.Given(503, ""));

    for (int i = 0; i < 30; i++) {
      var answer = gateway.client.call("QueryOTAFirmware", QUERY);
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.json().get("Code").stringValue()).isEqualTo("ServiceUnavailable");
    }
    assertThat(gateway.aggregator.asked.size()).isBetween(1, 29);

    gateway.aggregator.answers.put(AT_ONCE_PATH, answering(new FirmwareAnswer(false, firmware())));
    await().atMost(Duration.ofSeconds(10))
        .until(() -> gateway.client.call("QueryOTAFirmware", QUERY).status() == 200);
  }

  @Test
  void whatIsNoRequestIsRefusedInTheFormatThatCanBeRead() throws Exception {
    assertThat(raw("GET /?Format=JSON&a=%zz HTTP/1.1")).contains("400 Bad Request", "application/json",
        "\"InvalidParameter.Encoding\"");
    assertThat(raw("GET /?a=%&Format=JSON HTTP/1.1")).contains("400 Bad Request", "application/json",
        "\"InvalidParameter.Encoding\"");
    assertThat(raw("GET /?a={|}&Format=JSON HTTP/1.1")).contains("400 Bad Request", "\"MissingAction\"");
    assertThat(raw("GET /?Format=JSON HTTP/1.1\r\nota-raw-query: Format%3DXML\r\nota-unreadable: line"))
        .contains("\"MissingAction\"");
    assertThat(raw("GET /?a=" + "x".repeat(70_000) + " HTTP/1.1")).contains("414 ", "text/xml",
        "<Code>RequestURITooLong</Code>");
    assertThat(raw("GET / HTTP/1.1\r\nX-Long: " + "x".repeat(70_000))).contains("431 ",
        "<Code>RequestHeaderFieldsTooLarge</Code>");
    assertThat(raw("nonsense")).contains("400 Bad Request", "<Code>BadRequest</Code>");
  }

  private static String raw(String head) throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.uri.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream()
          .write((head + "\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void withoutAFormatTheAnswerIsXml() throws Exception {
    var withXml = new TreeMap<>(QUERY);
    withXml.put("Format", "xml");

    var answer = gateway.client.call("QueryOTAFirmware", withXml);
    var error = gateway.client.send(HttpRequest.newBuilder(gateway.uri.resolve("/")).build());

    assertThat(answer.contentType()).isEqualTo("text/xml;charset=utf-8");
    assertThat(answer.text())
        .startsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?><QueryOTAFirmwareResponse><FirmwareInfo>")
        .contains("<FirmwareDesc>说明</FirmwareDesc>");
    assertThat(error.status()).isEqualTo(400);
    assertThat(error.contentType()).isEqualTo("text/xml;charset=utf-8");
    assertThat(error.text()).contains("<Error><RequestId>").contains("<Code>MissingAction</Code>")
        .contains("<HostId>127.0.0.1:" + gateway.uri.getPort() + "</HostId>");
  }

  @Test
  void whoIsNotProvedToBeACallerIsTurnedAway() throws Exception {
    var now = Instant.now();
    var wrongSecret = gateway.client
        .post(SigningClient.signed("QueryOTAFirmware", QUERY, UUID.randomUUID().toString(), now, "another-secret"));
    var unknownKey = gateway.client.call("QueryOTAFirmware", Map.of("AccessKeyId", "nobody"));
    var late = gateway.client.post(SigningClient.signed("QueryOTAFirmware", QUERY, UUID.randomUUID().toString(),
        now.minus(Duration.ofMinutes(16)), SigningClient.SECRET));
    var early = gateway.client.post(SigningClient.signed("QueryOTAFirmware", QUERY, UUID.randomUUID().toString(),
        now.plus(Duration.ofMinutes(16)), SigningClient.SECRET));
    var tampered = new TreeMap<>(SigningClient.signed("QueryOTAFirmware", QUERY));
    tampered.put("FirmwareId", FirmwareId.of(CommandId.of("k", "other")).value());

    assertThat(List.of(wrongSecret, gateway.client.post(tampered))).allSatisfy(answer -> {
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("Code").stringValue()).isEqualTo("SignatureDoesNotMatch");
      assertThat(answer.json().get("Message").stringValue())
          .contains("server string to sign is:POST&%2F&AccessKeyId%3Dtestid%26Action%3DQueryOTAFirmware");
    });
    assertThat(unknownKey.status()).isEqualTo(404);
    assertThat(unknownKey.json().get("Code").stringValue()).isEqualTo("InvalidAccessKeyId.NotFound");
    assertThat(List.of(late, early)).allSatisfy(answer -> {
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("Code").stringValue()).isEqualTo("InvalidTimeStamp.Expired");
    });
    assertThat(gateway.aggregator.asked).isEmpty();
  }

  @Test
  void whatIsNoCallOfTheApiIsRefusedByTheGateway() throws Exception {
    assertThat(codes(Map.of("Action", "DropTables"))).isEqualTo("404 InvalidApi.NotFound");
    assertThat(codes(Map.of("Version", "2017-04-20"))).isEqualTo("400 InvalidVersion");
    assertThat(codes(Map.of("Format", "yaml"))).isEqualTo("400 InvalidParameter.Format");
    assertThat(codes(Map.of("SignatureMethod", "HMAC-MD5"))).isEqualTo("400 InvalidSignatureMethod");
    assertThat(codes(Map.of("SignatureNonce", ""))).isEqualTo("400 MissingSignatureNonce");
    assertThat(codes(Map.of("Timestamp", "yesterday"))).isEqualTo("400 InvalidTimeStamp.Format");
    assertThat(codes(Map.of("FirmwareId", ""))).isEqualTo("400 MissingFirmwareId");
    assertThat(codes(Map.of("IotInstanceId", "iot-other"))).isEqualTo("200 iot.system.InstanceNotFound");
    assertThat(codes(Map.of("IotInstanceId", "iot-otaverify"))).isEqualTo("200 -");
    assertThat(codes(Map.of("IotInstanceId", ""))).isEqualTo("200 -");
  }

  @Test
  void aBodyBeyondAMebibyteIsRefusedAndOneBelowIsRead() throws Exception {
    var tooLong = gateway.client.call("QueryOTAFirmware",
        Map.of("FirmwareId", FIRMWARE.value(), "Padding", "x".repeat(1024 * 1024)));
    var below = gateway.client.call("QueryOTAFirmware",
        Map.of("FirmwareId", FIRMWARE.value(), "Padding", "x".repeat(1000 * 1000)));

    assertThat(tooLong.status()).isEqualTo(413);
    assertThat(tooLong.text()).contains("<Code>RequestEntityTooLarge</Code>");
    assertThat(below.status()).isEqualTo(200);
  }

  @Test
  void aLongQueryStringIsRead() throws Exception {
    var parameters = new TreeMap<>(QUERY);
    parameters.put("Padding", "设".repeat(4096));

    var answer = gateway.client.postInQuery(SigningClient.signed("QueryOTAFirmware", parameters));

    assertThat(answer.status()).isEqualTo(200);
  }

  private static String codes(Map<String, String> changed) throws Exception {
    var parameters = new TreeMap<>(QUERY);
    parameters.putAll(changed);
    var answer = gateway.client.call("QueryOTAFirmware", parameters);
    var code = answer.contentType().startsWith("text/xml")
        ? answer.text().replaceAll(".*<Code>(.*)</Code>.*", "$1")
        : answer.json().path("Code").asString("-");
    return answer.status() + " " + code;
  }

  private static FirmwareView firmware() {
    var file = new FirmwareFile("k.bin", "http://files/k.bin", 4096, "0".repeat(32), "0".repeat(64),
        FirmwareFile.SignMethod.MD5);
    var spec = new FirmwareSpec(PRODUCT, ModuleName.DEFAULT, "fw", "2.0.0", null, FirmwareSpec.Type.FULL, file, true,
        "说明", null);
    return new FirmwareView(FIRMWARE, spec, "thermostat", FirmwareStatus.VERIFYING, 50, AT, AT);
  }

  private static String json(Object view) {
    return Wire.JSON.writeValueAsString(view);
  }
}
